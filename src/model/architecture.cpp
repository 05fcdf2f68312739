#include "model/architecture.h"

#include <fmt/format.h>

#include "model/model_layer.h"
#include "model/state.h"
#include "sinew/base/error.h"

namespace sinew::model {
namespace {

Json shape_to_json(const Shape& shape) {
  Json list = Json::array();
  for (std::int64_t dim : shape) {
    if (dim == Shape::kUnknown) {
      list.push_back(nullptr);
    } else {
      list.push_back(dim);
    }
  }
  return list;
}

Json layer_to_json(const Layer& layer, const TensorType* input) {
  if (const auto* nested = dynamic_cast<const ModelLayer*>(&layer)) {
    Json json = architecture_to_json(*nested->state());
    json["config"]["trainable"] = layer.trainable();
    return json;
  }
  Json config = input ? Json{{"name", layer.name()},
                             {"dtype", name_of(input->dtype)},
                             {"batch_shape", shape_to_json(input->shape)}}
                      : layer_config_to_json(layer);
  for (const std::string& option : layer.call_options()) config.erase(option);
  return {{"module", "keras.layers"},
          {"class_name", layer.class_name()},
          {"config", std::move(config)},
          {"registered_name", nullptr}};
}

/// Keras's reference to a tensor: [layer name, call of the layer, output of the call].
Json history(const Network& network, Network::Source source) {
  const Network::Call& call = network.calls()[static_cast<std::size_t>(source.call)];
  return {call.layer->name(), call.node, source.output};
}

Json tensor_to_json(const Network& network, Network::Source source) {
  const TensorType& type = network.type(source);
  return {{"class_name", "__keras_tensor__"},
          {"config",
           {{"shape", shape_to_json(type.shape)},
            {"dtype", name_of(type.dtype)},
            {"keras_history", history(network, source)}}}};
}

/// Arguments of a call that are no tensors.
Json keywords(const Layer& layer) {
  Json result = Json::object();
  const std::vector<std::string> options = layer.call_options();
  if (options.empty()) return result;
  const Json config = to_json(layer.config());
  for (const std::string& option : options) {
    if (config.contains(option)) result[option] = config[option];
  }
  return result;
}

Json inbound_nodes(const Network& network, const Layer* layer) {
  Json nodes = Json::array();
  for (const Network::Call& call : network.calls()) {
    if (call.layer.get() != layer || call.inputs.empty()) continue;
    Json tensors = Json::array();
    for (Network::Source source : call.inputs) tensors.push_back(tensor_to_json(network, source));
    std::vector<TensorType> types;
    for (Network::Source source : call.inputs) types.push_back(network.type(source));
    const std::vector<CallArgument> passed = layer->call_arguments(types);
    Json arguments = Json::array();
    Json by_name = keywords(*layer);
    for (const std::string& flag : layer->call_flags(types)) by_name[flag] = true;
    if (passed.empty()) {
      // Layers that join several tensors take them as one list.
      arguments.push_back(tensors.size() == 1 ? tensors[0] : tensors);
    }
    for (std::size_t i = 0; i < passed.size(); ++i) {
      if (passed[i].name.empty()) {
        arguments.push_back(tensors[i]);
      } else if (passed[i].listed) {
        by_name[passed[i].name].push_back(tensors[i]);
      } else {
        by_name[passed[i].name] = tensors[i];
      }
    }
    nodes.push_back({{"args", std::move(arguments)}, {"kwargs", std::move(by_name)}});
  }
  return nodes;
}

Json sequential_to_json(const State& state) {
  Json layers = Json::array();
  if (state.input.defined()) {
    layers.push_back(layer_to_json(*state.input.call()->layer, &state.input.type()));
  }
  for (const auto& layer : state.stack) layers.push_back(layer_to_json(*layer, nullptr));
  return {{"name", state.name}, {"trainable", true}, {"layers", std::move(layers)}};
}

Json functional_to_json(const State& state) {
  const Network& network = state.built_network();
  Json layers = Json::array();
  for (const auto& layer : network.layers()) {
    const TensorType* input = nullptr;
    for (const Network::Call& call : network.calls()) {
      if (call.layer == layer && layer->class_name() == "InputLayer") input = &call.types[0];
    }
    Json entry = layer_to_json(*layer, input);
    entry["name"] = layer->name();
    entry["inbound_nodes"] = inbound_nodes(network, layer.get());
    layers.push_back(std::move(entry));
  }
  Json inputs = Json::array(), outputs = Json::array();
  for (Network::Source source : network.inputs()) inputs.push_back(history(network, source));
  for (Network::Source source : network.outputs()) outputs.push_back(history(network, source));
  return {{"name", state.name},
          {"trainable", true},
          {"layers", std::move(layers)},
          {"input_layers", inputs.size() == 1 ? inputs[0] : inputs},
          {"output_layers", outputs.size() == 1 ? outputs[0] : outputs}};
}

}  // namespace

Json layer_config_to_json(const Layer& layer) {
  Json config = {{"name", layer.name()}, {"dtype", name_of(layer.dtype())}};
  // Some layers of Keras's do not take the option.
  if (!layer.trainable()) config["trainable"] = false;
  config.update(to_json(layer.config()));
  return config;
}

Json architecture_to_json(const State& state) {
  return {{"module", state.sequential ? "keras" : "keras.src.models.functional"},
          {"class_name", state.sequential ? "Sequential" : "Functional"},
          {"config", state.sequential ? sequential_to_json(state) : functional_to_json(state)},
          {"registered_name", state.sequential ? Json(nullptr) : Json("Functional")}};
}

}  // namespace sinew::model
