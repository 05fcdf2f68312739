#include "compiler/compile.h"

#include <fmt/format.h>

#include "base/log.h"
#include "model/state.h"
#include "sinew/base/error.h"
#include "sinew/model/model.h"
#include "sinew/nn/session.h"
#include "sinew/runtime/machine.h"

namespace sinew {

using namespace model;

namespace {

void set_policy(const State& state, const DTypePolicy& policy) {
  for (const auto& layer : state.layers()) {
    if (layer->class_name() != "InputLayer") layer->set_dtype_policy(policy);
  }
  if (policy.compute_dtype() == DType::BFloat16 && !machine_info().bfloat16) {
    logger().warn(
        "{}: this processor has no bfloat16 instructions: \"{}\" saves memory, but will be no "
        "faster than float32",
        state.where(), policy.name());
  }
}

}  // namespace

void Model::compile(CompileArguments arguments) {
  if (arguments.dtype_policy) set_policy(*state_, *arguments.dtype_policy);
  state_->training = std::make_unique<Training>(std::move(arguments));
  state_->seed->assign(Tensor::scalar(static_cast<std::int64_t>(random_seed())));
  state_->steps.clear();
  if (state_->built()) state_->training->prepare(state_->built_network(), state_->weights(true));
}

double Model::learning_rate() const {
  return state_->compiled_training().optimizer().learning_rate();
}

void Model::set_learning_rate(double rate) {
  state_->compiled_training().optimizer().set_learning_rate(rate);
}

std::int64_t Model::iterations() const {
  return state_->compiled_training().optimizer().iterations();
}

MemoryPlan Model::memory_plan() const {
  const auto bytes = [](const std::vector<VariablePtr>& variables) {
    std::size_t sum = 0;
    for (const VariablePtr& variable : variables) sum += variable->bytes();
    return static_cast<std::int64_t>(sum);
  };
  MemoryPlan plan{.arenas = state_->steps.arena_bytes(), .weights = bytes(weights())};
  if (state_->training) plan.optimizer = bytes(state_->training->optimizer_variables());
  return plan;
}

std::string Model::inspect(std::int64_t batch_size) const {
  const Network& network = state_->built_network();
  StepKey key;
  key.mode = state_->training ? Mode::Train : Mode::Predict;
  const auto batch = [&](TensorType type) {
    type.shape = type.shape.with(0, batch_size);
    return type;
  };
  for (Network::Source source : network.inputs()) key.x.push_back(batch(network.type(source)));
  if (state_->training) {
    Training& training = *state_->training;
    training.prepare(network, state_->weights(true));
    const std::vector<TensorType> targets = training.usual_targets(network);
    training.resolve_metrics(network, targets);
    for (const TensorType& target : targets) key.y.push_back(batch(target));
  }
  std::vector<compiler::Trace> trace;
  compiler::compile(step_graph(*state_, key), {.trace = &trace});
  std::string text;
  for (const compiler::Trace& entry : trace)
    text += fmt::format("== {} ==\n{}\n", entry.pass, entry.text);
  return text;
}

}  // namespace sinew
