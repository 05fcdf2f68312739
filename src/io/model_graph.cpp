#include "io/model_graph.h"

#include <fmt/format.h>

#include <vector>

#include "io/json.h"
#include "io/protobuf.h"
#include "sinew/base/error.h"

namespace sinew::io {
namespace {

std::string text_at(const Json& object, const char* name) {
  const bool there = object.is_object() && object.contains(name) && object[name].is_string();
  return there ? object[name].get<std::string>() : std::string();
}

/// The names of the layers whose outputs a layer's calls take, wherever they stand among the
/// arguments.
void collect_inputs(const Json& json, std::vector<std::string>& names) {
  if (json.is_object() && text_at(json, "class_name") == "__keras_tensor__") {
    const Json history = json.value("config", Json::object()).value("keras_history", Json::array());
    if (!history.empty() && history[0].is_string()) names.push_back(history[0].get<std::string>());
    return;
  }
  if (json.is_structured()) {
    for (const Json& part : json) collect_inputs(part, names);
  }
}

}  // namespace

std::string graph_def_of(const std::string& model_json) {
  const Json model = parse_json(model_json);
  const Json* layers = nullptr;
  if (model.is_object() && model.contains("config") && model["config"].is_object() &&
      model["config"].contains("layers") && model["config"]["layers"].is_array())
    layers = &model["config"]["layers"];
  if (!layers) throw ValueError("a graph: the JSON is not a model's, as Model::to_json() gives it");
  ProtobufMessage graph;
  std::string before;
  for (const Json& layer : *layers) {
    const Json config = layer.is_object() ? layer.value("config", Json::object()) : Json::object();
    const std::string name = text_at(config, "name");
    std::vector<std::string> inputs;
    if (layer.is_object() && layer.contains("inbound_nodes")) {
      collect_inputs(layer["inbound_nodes"], inputs);
    } else if (!before.empty()) {
      // A Sequential's layers take what the one before gives.
      inputs = {before};
    }
    ProtobufMessage node;
    node.bytes(1, name).bytes(2, text_at(layer, "class_name"));
    for (const std::string& input : inputs) node.bytes(3, input);
    graph.message(1, node);
    before = name;
  }
  return graph.str();
}

}  // namespace sinew::io
