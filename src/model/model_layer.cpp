#include "model/model_layer.h"

#include <fmt/format.h>

#include "sinew/base/error.h"

namespace sinew::model {

ModelLayer::ModelLayer(std::shared_ptr<State> state) : state_(std::move(state)) {
  set_name(state_->name);
  Layer::set_dtype_policy(DType::Float32);
  if (state_->input.defined())
    set_input_shape(state_->input.shape().drop_front(), state_->input.shape()[0]);
  if (state_->built()) add_layers();
}

void ModelLayer::add_layers() {
  for (const auto& layer : state_->built_network().layers()) {
    if (layer->class_name() != "InputLayer") add_sublayer(layer);
  }
}

std::string ModelLayer::class_name() const {
  return state_->sequential ? "Sequential" : "Functional";
}

Attributes ModelLayer::config() const {
  throw ValueError(
      fmt::format("{}: a model inside another layer cannot be saved; save the weights "
                  "alone, or call the model outside of it",
                  where()));
}

std::vector<Value> ModelLayer::compute_mask(CallContext&, const std::vector<Value>&,
                                            const std::vector<Value>& outputs) const {
  return std::vector<Value>(outputs.size());
}

DType ModelLayer::input_dtype() const {
  if (state_->input.defined()) return state_->input.dtype();
  if (!state_->stack.empty()) return state_->stack.front()->input_dtype();
  return dtype();
}

void ModelLayer::check_inputs(const std::vector<TensorType>& inputs) const {
  if (!state_->built()) return expect_inputs(1, inputs);
  const Network& network = state_->built_network();
  expect_inputs(network.inputs().size(), inputs);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const TensorType& wanted = network.type(network.inputs()[i]);
    bool fits = inputs[i].shape.rank() == wanted.shape.rank();
    for (int axis = 1; fits && axis < wanted.shape.rank(); ++axis) {
      fits = wanted.shape[axis] == Shape::kUnknown || inputs[i].shape[axis] == Shape::kUnknown ||
             wanted.shape[axis] == inputs[i].shape[axis];
    }
    if (!fits) {
      throw ShapeError(fmt::format("{}: input {} has shape {}, but the model takes {}", where(), i,
                                   inputs[i].shape.str(), wanted.shape.str()));
    }
  }
}

void ModelLayer::build_for(const std::vector<TensorType>& inputs) {
  if (state_->built()) return;
  state_->build_stack(inputs[0].shape);
  add_layers();
}

std::vector<Value> ModelLayer::call(CallContext& context, const std::vector<Value>& inputs) {
  return state_->built_network().apply(context, inputs);
}

void ModelLayer::set_dtype_policy(const DTypePolicy& policy) {
  for (const auto& layer : sublayers()) layer->set_dtype_policy(policy);
}

}  // namespace sinew::model
