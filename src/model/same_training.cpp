#include "model/same_training.h"

#include <fmt/format.h>

#include <map>

#include "sinew/base/error.h"

namespace sinew::model {
namespace {

/// Names of layers and the texts that stand for them.
using Places = std::map<std::string, std::string>;

const Json& child(const Json& json, const char* key) {
  static const Json none;
  return json.is_object() && json.contains(key) ? json[key] : none;
}

Places places_of(const Json& layers) {
  Places places;
  if (!layers.is_array()) return places;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const Json& name = child(child(layers[i], "config"), "name");
    if (name.is_string()) places[name.get<std::string>()] = fmt::format("layer {}", i);
  }
  return places;
}

/// The same with every layer called by its place, and without what says nothing about the model.
Json without_names(const Json& json, const Places& places) {
  if (json.is_string()) {
    const auto at = places.find(json.get<std::string>());
    return at == places.end() ? json : Json(at->second);
  }
  if (json.is_array()) {
    Json list = Json::array();
    for (const Json& item : json) list.push_back(without_names(item, places));
    return list;
  }
  if (!json.is_object()) return json;
  Json object = Json::object();
  for (const auto& [key, value] : json.items()) {
    if (key == "name" || key == "module" || key == "registered_name") continue;
    object[key] = without_names(value, places);
  }
  return object;
}

/// An optimizer's JSON without learning rates that are numbers, which training may change.
void drop_rates(Json& optimizer) {
  if (!child(optimizer, "config").is_object()) return;
  Json& config = optimizer["config"];
  if (child(config, "learning_rate").is_number()) config.erase("learning_rate");
  if (config.contains("inner_optimizer")) drop_rates(config["inner_optimizer"]);
}

Json comparable(const Json& description) {
  const Json& architecture = child(description, "model");
  Json result = {
      {"model",
       without_names(architecture, places_of(child(child(architecture, "config"), "layers")))},
      {"compile_config", without_names(child(description, "compile_config"), {})}};
  if (result["compile_config"].contains("optimizer"))
    drop_rates(result["compile_config"]["optimizer"]);
  return result;
}

/// Throws at the first place where the two differ.
void compare(const Json& then, const Json& now, const std::string& place,
             const std::string& where) {
  if (then == now) return;
  const auto below = [&](const std::string& key) {
    return place.empty() ? key : place + " / " + key;
  };
  if (then.is_object() && now.is_object()) {
    for (const auto& [key, value] : now.items())
      compare(child(then, key.c_str()), value, below(key), where);
    for (const auto& [key, value] : then.items())
      compare(value, child(now, key.c_str()), below(key), where);
  }
  if (then.is_array() && now.is_array() && then.size() == now.size()) {
    for (std::size_t i = 0; i < now.size(); ++i)
      compare(then[i], now[i], below(std::to_string(i)), where);
  }
  const auto shown = [](const Json& json) {
    constexpr std::size_t kLongest = 100;
    const std::string text = json.dump();
    return text.size() > kLongest ? text.substr(0, kLongest) + "..." : text;
  };
  throw ValueError(
      fmt::format("{} is a checkpoint of another training: its {} is {}, but this one's is {}",
                  where, place, shown(then), shown(now)));
}

}  // namespace

void check_same_training(const Json& checkpoint, const Json& model, const std::string& where) {
  compare(comparable(checkpoint), comparable(model), "", where);
}

}  // namespace sinew::model
