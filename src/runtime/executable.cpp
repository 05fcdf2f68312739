#include "runtime/executable.h"

#include <fmt/format.h>

#include <cstring>

#include "sinew/base/error.h"

namespace sinew::runtime {

namespace {

/// Whether kernels, which read whole vectors, may read a tensor where it is: what follows one whose
/// bytes end within a vector may be another's memory.
bool fills_vectors(const Tensor& tensor) {
  return reinterpret_cast<std::uintptr_t>(tensor.raw()) % 64 == 0 && tensor.bytes() % 64 == 0;
}

}  // namespace

/// A step's pointers. Those to inputs are filled in at each run; the rest never change.
struct Executable::Call {
  std::vector<const void*> inputs;
  std::vector<void*> outputs;
  void* scratch = nullptr;
  /// (operand, program input) for each operand that is an input of the program.
  std::vector<std::pair<std::size_t, std::size_t>> from_inputs;
};

Executable::Executable(Program program, std::vector<std::unique_ptr<Kernel>> kernels)
    : program_(std::move(program)), kernels_(std::move(kernels)) {
  for (Tensor& constant : program_.constants) {
    if (!fills_vectors(constant)) constant = constant.clone();
  }
  arena_ = allocate_aligned(static_cast<std::size_t>(program_.arena_bytes));
  char* arena = static_cast<char*>(arena_.get());
  const auto address = [&](const Operand& operand) -> void* {
    const auto index = static_cast<std::size_t>(operand.position);
    switch (operand.place) {
      case Place::Arena:
        return arena + operand.position;
      case Place::Constant:
        return program_.constants[index].raw();
      case Place::Variable:
        return program_.variables[index]->data();
      case Place::Input:
        break;
    }
    return nullptr;
  };
  for (const Step& step : program_.steps) {
    Call call;
    for (const Operand& operand : step.inputs) {
      if (operand.place == Place::Input) {
        call.from_inputs.emplace_back(call.inputs.size(),
                                      static_cast<std::size_t>(operand.position));
      }
      call.inputs.push_back(address(operand));
    }
    for (const Operand& operand : step.outputs) {
      call.outputs.push_back(address(operand));
      if (operand.place == Place::Variable)
        written_.push_back(program_.variables[static_cast<std::size_t>(operand.position)].get());
    }
    call.scratch = arena + step.scratch;
    calls_.push_back(std::move(call));
  }
  for (const auto& variable : program_.variables) {
    if (variable->source()) laid_out_.push_back(variable.get());
  }
  for (const Program::Binding& output : program_.outputs) {
    outputs_.push_back(Tensor::wrap(arena_, address(output.operand), output.operand.type.shape,
                                    output.operand.type.dtype));
  }
  for (const Program::Binding& input : program_.inputs) {
    const TensorType& type = input.operand.type;
    const auto bytes = static_cast<std::size_t>(type.shape.numel()) * size_of(type.dtype);
    staging_.push_back(bytes % 64 == 0 ? Tensor() : Tensor(type.shape, type.dtype));
  }
  input_data_.resize(program_.inputs.size());
}

Executable::~Executable() = default;

const void* Executable::take_input(std::size_t index, const Tensor& tensor) {
  const Program::Binding& wanted = program_.inputs[index];
  const TensorType& type = wanted.operand.type;
  if (tensor.dtype() != type.dtype) {
    throw DTypeError(fmt::format("input '{}' must be {}, not {}", wanted.name, name_of(type.dtype),
                                 name_of(tensor.dtype())));
  }
  if (tensor.shape() != type.shape) {
    throw ShapeError(fmt::format("input '{}' must have shape {}, not {}", wanted.name,
                                 type.shape.str(), tensor.shape().str()));
  }
  if (fills_vectors(tensor)) return tensor.raw();
  if (!staging_[index].defined()) staging_[index] = Tensor(type.shape, type.dtype);
  std::memcpy(staging_[index].raw(), tensor.raw(), tensor.bytes());
  return staging_[index].raw();
}

void Executable::begin_updates() {
  for (Variable* variable : laid_out_) variable->refresh();
  for (Variable* variable : written_) variable->changed();
}

void Executable::end_updates() {
  for (Variable* variable : written_) {
    if (variable->source()) variable->updated_with_source();
  }
}

void Executable::call(std::size_t step) {
  Call& call = calls_[step];
  for (const auto& [operand, input] : call.from_inputs) call.inputs[operand] = input_data_[input];
  kernels_[step]->run({call.inputs.data(), call.outputs.data(), call.scratch});
}

void Executable::run(std::span<const Tensor> inputs, std::span<CallTime> times) {
  if (inputs.size() != program_.inputs.size()) {
    throw ValueError(fmt::format("the program has {} inputs, but {} were given",
                                 program_.inputs.size(), inputs.size()));
  }
  if (!times.empty() && times.size() != calls_.size()) {
    throw InternalError(
        fmt::format("{} times were given for {} steps", times.size(), calls_.size()));
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) input_data_[i] = take_input(i, inputs[i]);
  begin_updates();
  if (times.empty()) {
    for (std::size_t step = 0; step < calls_.size(); ++step) call(step);
  } else {
    for (std::size_t step = 0; step < calls_.size(); ++step) {
      times[step].begin = std::chrono::steady_clock::now();
      call(step);
      times[step].end = std::chrono::steady_clock::now();
    }
  }
  end_updates();
}

std::size_t Executable::output_index(const std::string& name) const {
  for (std::size_t i = 0; i < program_.outputs.size(); ++i) {
    if (program_.outputs[i].name == name) return i;
  }
  throw InternalError(fmt::format("the program has no output '{}'", name));
}

std::size_t Executable::input_index(const std::string& name) const {
  for (std::size_t i = 0; i < program_.inputs.size(); ++i) {
    if (program_.inputs[i].name == name) return i;
  }
  throw InternalError(fmt::format("the program has no input '{}'", name));
}

}  // namespace sinew::runtime
