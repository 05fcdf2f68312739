#include "model/call_references.h"

#include <fmt/format.h>

#include "sinew/base/error.h"

namespace sinew::model {

Reference read_reference(const Json& json, const std::string& where) {
  const bool fits = json.is_array() && json.size() >= 3 && json[0].is_string() &&
                    json[1].is_number_integer() && json[2].is_number_integer();
  if (!fits) {
    throw ValueError(
        fmt::format("{}: {} is not a reference [layer, call, output]", where, json.dump()));
  }
  return {json[0].get<std::string>(), json[1].get<std::int64_t>(), json[2].get<std::int64_t>()};
}

namespace {

/// The tensors that a call's arguments mention, in order, whatever lists they stand in.
void collect_references(const Json& arguments, const std::string& where,
                        std::vector<Reference>& found) {
  if (arguments.is_object() && arguments.contains("class_name") &&
      arguments["class_name"] == "__keras_tensor__") {
    const Json& config = member(arguments, "config", Json::value_t::object, where);
    found.push_back(
        read_reference(member(config, "keras_history", Json::value_t::array, where), where));
    return;
  }
  if (!arguments.is_array()) return;
  for (const Json& item : arguments) collect_references(item, where, found);
}

}  // namespace

Json keywords_of(const Json& node) {
  const bool given = node.contains("kwargs") && node["kwargs"].is_object();
  Json result = given ? node["kwargs"] : Json::object();
  for (const char* mask : {"mask", "query_mask", "value_mask", "key_mask"}) result.erase(mask);
  return result;
}

std::vector<Reference> inputs_of(const Json& node, const std::string& where) {
  std::vector<Reference> found;
  collect_references(member(node, "args", Json::value_t::array, where), where, found);
  const Json keywords = keywords_of(node);
  for (const auto& keyword : keywords.items()) collect_references(keyword.value(), where, found);
  return found;
}

}  // namespace sinew::model
