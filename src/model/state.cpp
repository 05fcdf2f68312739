#include "model/state.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "model/class_counter.h"
#include "sinew/base/error.h"
#include "sinew/base/text.h"
#include "sinew/nn/layer.h"

namespace sinew::model {

std::string State::where() const {
  return fmt::format("{} \"{}\"", sequential ? "Sequential" : "Model", name);
}

void State::expect_one_output(std::size_t outputs) const {
  if (outputs == 1) return;
  throw ValueError(fmt::format("{} has {} outputs: use predict_all()", where(), outputs));
}

const Network& State::built_network() const {
  if (!network && output.defined()) {
    network.emplace(std::vector<KerasTensor>{input}, std::vector<KerasTensor>{output});
  }
  if (network) return *network;
  throw ValueError(
      fmt::format("{} is not built: give its first layer an input_shape, add an Input() first, or "
                  "call build() or fit()",
                  where()));
}

Training& State::compiled_training() const {
  if (training) return *training;
  throw ValueError(
      fmt::format("{} is not compiled: call compile() before training or evaluating it", where()));
}

void State::extend(const LayerPtr& layer) {
  const std::vector<KerasTensor> outputs = layer.call_all({output.defined() ? output : input});
  if (outputs.size() != 1) {
    throw ValueError(fmt::format(
        "{}: {} has {} outputs; a Sequential's layers have one, use Model(inputs, outputs)",
        where(), layer->where(), outputs.size()));
  }
  output = outputs[0];
  network.reset();
  steps.clear();
}

void State::build_stack(const Shape& input_shape) {
  if (stack.empty()) throw ValueError(where() + " has no layers: add() some first");
  if (!input.defined()) {
    InputOptions options{.dtype = stack[0]->input_dtype()};
    if (input_shape[0] != Shape::kUnknown) options.batch_size = input_shape[0];
    input = Input(input_shape.drop_front(), options);
  }
  output = {};
  for (const auto& layer : stack) extend(layer);
}

void State::build_for(const TensorList& x) {
  if (built()) return;
  if (x.size() != 1) {
    throw ValueError(
        fmt::format("{} takes one input, but {} tensors were given", where(), x.size()));
  }
  if (!x[0].defined() || x[0].shape().rank() == 0) {
    throw ShapeError(fmt::format("{}: x must have an axis of samples first", where()));
  }
  build_stack(x[0].shape().with(0, Shape::kUnknown));
}

std::vector<std::shared_ptr<Layer>> State::layers() const {
  if (sequential) return {stack.begin(), stack.end()};
  return built_network().layers();
}

std::vector<VariablePtr> State::weights() const {
  std::vector<VariablePtr> result;
  for (const auto& layer : layers()) {
    result.insert(result.end(), layer->weights().begin(), layer->weights().end());
  }
  return result;
}

std::vector<VariablePtr> State::weights(bool trainable) const {
  std::vector<VariablePtr> result;
  for (const auto& layer : layers()) {
    for (const VariablePtr& weight : layer->weights()) {
      if (weight->trainable() == trainable) result.push_back(weight);
    }
  }
  return result;
}

std::vector<VariablePtr> State::states() const {
  std::vector<VariablePtr> result;
  for (const auto& layer : layers()) {
    for (const VariablePtr& state : layer->states()) {
      if (std::find(result.begin(), result.end(), state) == result.end()) result.push_back(state);
    }
  }
  return result;
}

std::vector<Expected> State::expected_inputs() const {
  std::vector<Expected> result;
  const Network& built = built_network();
  for (Network::Source source : built.inputs())
    result.push_back({built.name(source), built.type(source)});
  return result;
}

std::vector<Expected> State::expected_outputs() const {
  std::vector<Expected> result;
  const Network& built = built_network();
  for (Network::Source source : built.outputs()) {
    TensorType type = built.type(source);
    if (type.dtype == DType::BFloat16) type.dtype = DType::Float32;
    result.push_back({built.name(source), type});
  }
  return result;
}

namespace {

/// What follows the layer's own name in that of its weight.
std::string own_name(const Layer& layer, const Variable& weight) {
  const std::string prefix = layer.name() + "/";
  if (weight.name().starts_with(prefix)) return weight.name().substr(prefix.size());
  const std::size_t at = weight.name().find("/" + prefix);
  return at == std::string::npos ? weight.name() : weight.name().substr(at + 1 + prefix.size());
}

/// The layer's weights by name and key within it, those of its sublayers too.
std::vector<NamedWeight> weights_within(const Layer& layer) {
  std::map<VariablePtr, NamedWeight> of_sublayers;
  ClassCounter classes;
  for (const auto& part : layer.sublayers()) {
    // One of this layer's own name is this layer to the outside.
    const bool apart = part->name() != layer.name();
    const std::string key = apart ? classes.next(snake_case(part->class_name())) + "/" : "";
    const std::string name = apart ? part->name() + "/" : "";
    for (NamedWeight& weight : weights_within(*part))
      of_sublayers.try_emplace(weight.variable,
                               NamedWeight{name + weight.name, key + weight.key, weight.variable});
  }
  std::vector<NamedWeight> result;
  for (const VariablePtr& weight : layer.weights()) {
    const auto at = of_sublayers.find(weight);
    if (at != of_sublayers.end()) {
      result.push_back(at->second);
    } else {
      const std::string own = own_name(layer, *weight);
      result.push_back({own, own, weight});
    }
  }
  return result;
}

}  // namespace

std::vector<NamedWeight> named_weights(const State& state) {
  std::vector<NamedWeight> result;
  std::set<std::string> keys;
  ClassCounter classes;
  for (const auto& layer : state.layers()) {
    const std::string layer_key = classes.next(snake_case(layer->class_name()));
    for (NamedWeight& weight : weights_within(*layer)) {
      const std::string wanted = layer_key + "/" + weight.key;
      std::string key = wanted;
      for (int count = 1; !keys.insert(key).second; ++count)
        key = fmt::format("{}_{}", wanted, count);
      result.push_back({layer->name() + "/" + weight.name, std::move(key), weight.variable});
    }
  }
  return result;
}

}  // namespace sinew::model
