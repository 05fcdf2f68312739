#include <fmt/format.h>

#include "nn/layers/layer_support.h"
#include "sinew/base/error.h"
#include "sinew/nn/layer.h"
#include "sinew/nn/registry.h"

namespace sinew {

Value CallContext::current(const VariablePtr& variable) const {
  for (const Graph::Update& update : graph.updates()) {
    if (graph.variables()[static_cast<std::size_t>(update.variable)] == variable)
      return graph.value(update.value);
  }
  return graph.variable(variable);
}

void CallContext::assign(const VariablePtr& variable, Value value) {
  std::vector<Graph::Update> updates = graph.updates();
  std::erase_if(updates, [&](const Graph::Update& update) {
    return graph.variables()[static_cast<std::size_t>(update.variable)] == variable;
  });
  graph.set_updates(std::move(updates));
  graph.update(variable, value);
}

std::vector<KerasTensor> LayerPtr::call_all(const std::vector<KerasTensor>& inputs) const {
  if (!*this) throw ValueError("a layer that is not there was called: the LayerPtr is null");
  std::vector<TensorType> types;
  for (const KerasTensor& input : inputs) {
    if (!input.defined()) {
      throw ValueError(
          fmt::format("{}: an input comes from no layer; begin with Input(shape)", get()->where()));
    }
    types.push_back(input.type());
  }
  const std::vector<TensorType> outputs = get()->output_types(types);
  const auto call = std::make_shared<const KerasTensor::Call>(KerasTensor::Call{*this, inputs});
  std::vector<KerasTensor> results;
  for (std::size_t i = 0; i < outputs.size(); ++i)
    results.emplace_back(call, static_cast<int>(i), outputs[i]);
  return results;
}

KerasTensor LayerPtr::operator()(const std::vector<KerasTensor>& inputs) const {
  std::vector<KerasTensor> results = call_all(inputs);
  if (results.size() != 1) {
    throw ValueError(fmt::format("{} has {} outputs; use call_all() to have them all",
                                 get()->where(), results.size()));
  }
  return results.front();
}

KerasTensor LayerPtr::operator()(const KerasTensor& input) const {
  return (*this)(std::vector<KerasTensor>{input});
}

namespace {

/// Where a model begins: a layer without a computation, so that models are made of layers only.
class InputLayer final : public ConfiguredLayer<InputLayer> {
 public:
  std::string class_name() const override { return "InputLayer"; }
  static void fields(auto&, auto& visit) {
    visit.only("sparse", false);
    visit.only("ragged", false);
    visit.only("optional", false);
  }
  void check_inputs(const std::vector<TensorType>& inputs) const override {
    expect_inputs(0, inputs);
  }
  std::vector<Value> call(CallContext&, const std::vector<Value>&) override {
    throw InternalError(where() + " is not called: the model gives its value");
  }
};

const RegisterConfigured<InputLayer> registered("InputLayer");

}  // namespace

KerasTensor Input(Shape shape, InputOptions options) {
  const auto layer = std::make_shared<InputLayer>();
  layer->set_name(options.name);
  layer->name();
  layer->set_dtype_policy(options.dtype);
  if (options.batch_size.value_or(1) < 1) {
    throw ValueError(fmt::format("{}: batch_size is {}; it must be at least 1", layer->where(),
                                 *options.batch_size));
  }
  const std::int64_t batch = options.batch_size.value_or(Shape::kUnknown);
  layer->set_input_shape(shape, batch);
  return {std::make_shared<const KerasTensor::Call>(KerasTensor::Call{layer, {}}),
          0,
          {options.dtype, shape.prepend(batch)}};
}

}  // namespace sinew
