#include "nn/layers/recurrent_layer.h"

#include <fmt/format.h>

#include "nn/weight_limit.h"
#include "sinew/ops/ops.h"

namespace sinew::layers {
void RecurrentLayer::set_cell(std::shared_ptr<RNNCell> cell) {
  cell_ = std::move(cell);
  add_sublayer(cell_);
}

void RecurrentLayer::set_own_cell(std::shared_ptr<RNNCell> cell) {
  cell->set_name(name());
  cell->set_dtype_policy(dtype_policy());
  set_cell(std::move(cell));
}

void RecurrentLayer::check_inputs(const std::vector<TensorType>& inputs) const {
  const std::vector<Shape> states = cell_->state_shapes();
  if (inputs.size() != 1 && inputs.size() != 1 + states.size()) {
    throw ShapeError(fmt::format(
        "{}: takes a sequence, or a sequence and {} initial state{}, but {} inputs were given",
        where(), states.size(), states.size() == 1 ? "" : "s", inputs.size()));
  }
  for (const TensorType& input : inputs) expect_dtype(input);
  if (inputs[0].shape.rank() < 3) expect_rank(inputs[0], 3, "(batch, steps, features)");
  if (inputs[0].shape[1] == 0) throw ShapeError(where() + ": the sequence has no steps");
  check_batch(inputs[0]);
  cell_->check_inputs({without_steps(inputs[0])});
  for (std::size_t i = 1; i < inputs.size(); ++i) {
    const Shape& given = inputs[i].shape;
    const Shape wanted = states[i - 1].prepend(Shape::kUnknown);
    bool fits = given.rank() == wanted.rank();
    for (int axis = 1; fits && axis < given.rank(); ++axis)
      fits = wanted[axis] == Shape::kUnknown || given[axis] == wanted[axis];
    if (!fits) {
      throw ShapeError(fmt::format("{}: initial state {} has shape {}; it must be {}", where(), i,
                                   given.str(), wanted.str()));
    }
  }
}

std::vector<CallArgument> RecurrentLayer::call_arguments(
    const std::vector<TensorType>& inputs) const {
  std::vector<CallArgument> arguments(inputs.size(), {"initial_state", true});
  arguments[0] = {};
  return arguments;
}

void RecurrentLayer::build_for(const std::vector<TensorType>& inputs) {
  cell_->ensure_built({without_steps(inputs[0])});
  if (stateful()) make_states(inputs[0]);
}

void RecurrentLayer::check_batch(const TensorType& sequence) const {
  if (states_.empty() || sequence.shape[0] == states_[0]->shape()[0]) return;
  throw ShapeError(fmt::format(
      "{}: is stateful and keeps states of {} sequences, but the input has shape {}: give fit(), "
      "evaluate() and predict() a batch_size of {}, and data of whole batches",
      where(), states_[0]->shape()[0], sequence.shape.str(), states_[0]->shape()[0]));
}

void RecurrentLayer::make_states(const TensorType& sequence) {
  const std::int64_t batch = sequence.shape[0];
  if (batch == Shape::kUnknown) {
    throw ValueError(fmt::format(
        "{}: is stateful, so the batch size must be known, but the input has shape {}: give "
        "Input() its batch_size",
        where(), sequence.shape.str()));
  }
  for (const Shape& shape : cell_->state_shapes()) {
    const Shape all = shape.prepend(batch);
    WeightLimit::charge_state(all.numel());
    states_.push_back(std::make_shared<Variable>(
        fmt::format("{}/rnn_state_{}", name(), states_.size()), dtype(), all));
  }
}

std::vector<Value> RecurrentLayer::call(CallContext& context, const std::vector<Value>& inputs) {
  const Returns how = returns();
  Value x = inputs[0];
  // As Keras 3.15 does, a mask is heeded only in calls without initial states.
  RNNCell::Steps steps{.mask = inputs.size() == 1 ? context.mask(x) : Value(),
                       .zero_output = how.zero_output_for_mask || zero_hidden_outputs_};
  if (steps.mask && steps.mask.rank() != 2) {
    throw ShapeError(
        fmt::format("{}: the mask of its input has shape {}; it must be (batch, steps)", where(),
                    steps.mask.shape().str()));
  }
  if (how.go_backwards) {
    x = ops::reverse(x, {1});
    if (steps.mask) steps.mask = ops::reverse(steps.mask, {1});
  }
  std::vector<Value> initial(inputs.begin() + 1, inputs.end());
  if (initial.empty()) {
    for (const VariablePtr& state : states_) initial.push_back(weight(context, state));
  }
  RNNCell::Sequence run = cell_->run(context, x, std::move(initial), steps);
  for (std::size_t i = 0; i < states_.size(); ++i)
    context.assign(states_[i], ops::cast(run.states[i], dtype()));
  std::vector<Value> outputs = {how.sequences ? run.outputs : run.last};
  if (how.state) outputs.insert(outputs.end(), run.states.begin(), run.states.end());
  for (const Value& output : outputs) add_activity_loss(context, activity(), output);
  return outputs;
}

std::vector<Value> RecurrentLayer::compute_mask(CallContext& context,
                                                const std::vector<Value>& inputs,
                                                const std::vector<Value>& outputs) const {
  std::vector<Value> masks(outputs.size());
  if (returns().sequences) masks[0] = context.mask(inputs[0]);
  return masks;
}

}  // namespace sinew::layers
