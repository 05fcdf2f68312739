#include "model/compile_json.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/state.h"
#include "sinew/base/error.h"
#include "sinew/base/suggest.h"

namespace sinew::model {
namespace {

/// One for all outputs, or a list of one each: Keras wants no list for a single output.
Json per_output_to_json(std::vector<Json> entries) {
  if (entries.empty()) return nullptr;
  return entries.size() == 1 ? entries[0] : Json(std::move(entries));
}

Json metrics_to_json(const MetricLists& lists, std::size_t outputs) {
  std::vector<Json> entries;
  for (const auto& list : lists) {
    Json& metrics = entries.emplace_back(Json::array());
    for (const MetricPtr& metric : list)
      metrics.push_back(
          object_of(Identifier::parse(metric.identifier(), "metric"), "keras.metrics"));
  }
  if (entries.size() == 1) entries.resize(std::max<std::size_t>(1, outputs), entries[0]);
  return per_output_to_json(std::move(entries));
}

/// What stands for each output: one for all, a list, or an object by the outputs' names, in which
/// some may be missing.
std::vector<Json> per_output(const Json& json, const std::vector<std::string>& outputs,
                             const std::string& where) {
  if (json.is_array()) return {json.begin(), json.end()};
  if (!json.is_object() || json.contains("class_name")) return {json};
  std::vector<Json> result(std::max<std::size_t>(1, outputs.size()));
  for (const auto& [name, value] : json.items()) {
    const auto at = std::find(outputs.begin(), outputs.end(), name);
    // The output of a model that is not built has no name yet.
    if (at == outputs.end() && !outputs.empty())
      throw ValueError(where + ": " + unknown_name_message("output", name, outputs));
    result[static_cast<std::size_t>(at - outputs.begin())] = value;
  }
  return result;
}

std::vector<MetricPtr> metric_list(const Json& json, const std::string& where) {
  std::vector<MetricPtr> list;
  if (json.is_null()) return list;
  for (const Json& metric : json.is_array() ? json : Json::array({json}))
    list.emplace_back(identifier_of(metric, where));
  return list;
}

MetricLists metrics_from_json(const Json& json, const char* key,
                              const std::vector<std::string>& outputs, const std::string& where) {
  if (!json.contains(key) || json[key].is_null()) return {};
  const Json& metrics = json[key];
  const std::string here = fmt::format("{}: '{}'", where, key);
  const bool by_output =
      metrics.is_object() ||
      (metrics.is_array() && (outputs.size() > 1 || (!metrics.empty() && metrics[0].is_array())));
  if (!by_output) return MetricLists(MetricsPerOutput{metric_list(metrics, here)});
  MetricsPerOutput lists;
  for (const Json& list : per_output(metrics, outputs, here))
    lists.push_back(metric_list(list, here));
  return MetricLists(std::move(lists));
}

OptimizerPtr optimizer_from_json(const Json& json, const std::string& where) {
  if (json.is_string()) return OptimizerPtr(json.get<std::string>());
  return make_optimizer(class_of(json, where),
                        to_attributes(member(json, "config", Json::value_t::object, where), where));
}

}  // namespace

Json compile_to_json(const CompileArguments& arguments, std::size_t outputs) {
  std::vector<Json> losses;
  for (const Loss& loss : arguments.loss)
    losses.push_back(object_of(Identifier::parse(loss.identifier(), "loss"), "keras.losses"));
  const std::vector<double>& weights = arguments.loss_weights;
  return {{"optimizer",
           {{"module", "keras.optimizers"},
            {"class_name", arguments.optimizer->class_name()},
            {"config", to_json(arguments.optimizer->config())},
            {"registered_name", nullptr}}},
          {"loss", per_output_to_json(std::move(losses))},
          {"loss_weights", weights.empty() ? Json(nullptr) : Json(weights)},
          {"metrics", metrics_to_json(arguments.metrics, outputs)},
          {"weighted_metrics", metrics_to_json(arguments.weighted_metrics, outputs)}};
}

CompileArguments compile_from_json(const Json& json, const std::vector<std::string>& outputs,
                                   const std::string& where) {
  const std::string here = where + ": compile_config";
  if (!json.is_object()) throw ValueError(here + " is not an object");
  for (const char* key : {"optimizer", "loss"}) {
    if (!json.contains(key)) throw ValueError(fmt::format("{}: '{}' is missing", here, key));
  }
  CompileArguments arguments;
  try {
    arguments.optimizer = optimizer_from_json(json["optimizer"], here);
    for (const Json& loss : per_output(json["loss"], outputs, here))
      arguments.loss.push_back(Loss(identifier_of(loss, here + ": 'loss'")));
    if (json.contains("loss_weights") && !json["loss_weights"].is_null()) {
      for (const Json& weight : per_output(json["loss_weights"], outputs, here)) {
        if (!weight.is_number()) throw ValueError(here + ": a loss weight is not a number");
        arguments.loss_weights.push_back(weight.get<double>());
      }
    }
    arguments.metrics = metrics_from_json(json, "metrics", outputs, here);
    arguments.weighted_metrics = metrics_from_json(json, "weighted_metrics", outputs, here);
  } catch (const ValueError& error) {
    const std::string what = error.what();
    throw ValueError(what.starts_with(here) ? what : here + ": " + what);
  }
  return arguments;
}

Json compile_config_of(const State& state) {
  const std::size_t outputs = state.built() ? state.built_network().outputs().size() : 1;
  return compile_to_json(state.compiled_training().arguments(), outputs);
}

void compile_by(State& state, const Json& config, const std::string& where) {
  const Network& network = state.built_network();
  state.training =
      std::make_unique<Training>(compile_from_json(config, network.output_names(), where));
  state.training->prepare(network, state.weights(true));
}

bool names_loss(const Json& json, const std::string& where) {
  if (!json.contains("compile_config") || json["compile_config"].is_null()) return false;
  if (!json["compile_config"].is_object())
    throw ValueError(where + ": compile_config is not an object");
  const Json& config = json["compile_config"];
  return config.contains("loss") && !config["loss"].is_null();
}

}  // namespace sinew::model
