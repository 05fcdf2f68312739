#include "model/compile_json.h"

#include <fmt/format.h>

#include "sinew/base/error.h"

namespace sinew::model {
namespace {

Json metrics_to_json(const MetricLists& lists) {
  Json result = Json::array();
  for (const auto& list : lists) {
    Json names = Json::array();
    for (const MetricPtr& metric : list) names.push_back(metric.identifier());
    result.push_back(std::move(names));
  }
  return result;
}

MetricLists metrics_from_json(const Json& json, const char* key, const std::string& where) {
  MetricsPerOutput lists;
  if (!json.contains(key)) return MetricLists(lists);
  for (const Json& names : member(json, key, Json::value_t::array, where)) {
    if (!names.is_array())
      throw ValueError(fmt::format("{}: '{}' is not a list of lists", where, key));
    auto& list = lists.emplace_back();
    for (const Json& name : names) {
      if (!name.is_string())
        throw ValueError(fmt::format("{}: a metric in '{}' is not a name", where, key));
      list.emplace_back(name.get<std::string>());
    }
  }
  return MetricLists(lists);
}

}  // namespace

Json compile_to_json(const CompileArguments& arguments) {
  Json losses = Json::array();
  for (const Loss& loss : arguments.loss) {
    losses.push_back(loss.identifier());
  }
  return {{"optimizer",
           {{"class_name", arguments.optimizer->class_name()},
            {"config", to_json(arguments.optimizer->config())}}},
          {"loss", std::move(losses)},
          {"loss_weights", arguments.loss_weights},
          {"metrics", metrics_to_json(arguments.metrics)},
          {"weighted_metrics", metrics_to_json(arguments.weighted_metrics)}};
}

CompileArguments compile_from_json(const Json& json, const std::string& where) {
  const std::string here = where + ": compile_config";
  CompileArguments arguments;
  const Json& optimizer = member(json, "optimizer", Json::value_t::object, here);
  arguments.optimizer =
      make_optimizer(text_member(optimizer, "class_name", here),
                     to_attributes(member(optimizer, "config", Json::value_t::object, here), here));
  for (const Json& loss : member(json, "loss", Json::value_t::array, here)) {
    if (!loss.is_string()) throw ValueError(here + ": a loss is not a name");
    arguments.loss.push_back(Loss(loss.get<std::string>()));
  }
  if (json.contains("loss_weights")) {
    for (const Json& weight : member(json, "loss_weights", Json::value_t::array, here)) {
      if (!weight.is_number()) throw ValueError(here + ": a loss weight is not a number");
      arguments.loss_weights.push_back(weight.get<double>());
    }
  }
  arguments.metrics = metrics_from_json(json, "metrics", here);
  arguments.weighted_metrics = metrics_from_json(json, "weighted_metrics", here);
  return arguments;
}

}  // namespace sinew::model
