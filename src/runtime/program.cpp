#include <fmt/format.h>

#include <numeric>

#include "runtime/executable.h"

namespace sinew::runtime {
namespace {

std::string print(const Operand& operand) {
  switch (operand.place) {
    case Place::Arena:
      return fmt::format("{}[{}]", operand.type.str(), operand.position);
    case Place::Input:
      return fmt::format("{}<in {}>", operand.type.str(), operand.position);
    case Place::Constant:
      return fmt::format("{}<const {}>", operand.type.str(), operand.position);
    case Place::Variable:
      break;
  }
  return fmt::format("{}<var {}>", operand.type.str(), operand.position);
}

std::string print(const std::vector<Operand>& operands) {
  std::string text;
  for (const Operand& operand : operands) text += (text.empty() ? "" : ", ") + print(operand);
  return text;
}

}  // namespace

std::string Program::str() const {
  std::string text;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const Step& step = steps[i];
    text +=
        fmt::format("{:3} {} {} -> {}", i, step.name(), print(step.inputs), print(step.outputs));
    if (step.scratch_bytes > 0)
      text += fmt::format("  scratch {}[{}]", step.scratch_bytes, step.scratch);
    if (step.packed_bytes > 0) text += fmt::format("  packs {}", step.packed_bytes);
    if (!step.scope.empty()) text += "  // " + step.scope;
    text += "\n";
  }
  text += fmt::format("arena {} bytes, variables {} bytes, {:.1f} MFLOP a run\n", arena_bytes,
                      variable_bytes(), flops() / 1e6);
  return text;
}

std::int64_t Program::variable_bytes() const {
  std::int64_t sum = 0;
  for (const auto& variable : variables)
    sum += static_cast<std::int64_t>(default_backend().bytes(variable->type()));
  return sum;
}

double Program::flops() const {
  return std::accumulate(steps.begin(), steps.end(), 0.0,
                         [](double sum, const Step& step) { return sum + step.flops; });
}

}  // namespace sinew::runtime
