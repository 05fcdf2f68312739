#pragma once

#include <memory>
#include <string>
#include <vector>

#include "nn/config.h"
#include "nn/formulas.h"
#include "sinew/base/error.h"
#include "sinew/nn/metrics.h"

/// How a family of metrics is made from identifiers: each metric is a struct of its arguments and
/// either a class made from them or a function of (y_true, y_pred, arguments) to take the mean of.
namespace sinew::metrics {

struct NoOptions {};

/// Every metric's own arguments, by Keras's names.
void fields(auto& o, auto& visit) {
  if constexpr (requires { o.num_classes; }) visit.required("num_classes", o.num_classes);
  if constexpr (requires { o.specificity; }) visit.required("specificity", o.specificity);
  if constexpr (requires { o.sensitivity; }) visit.required("sensitivity", o.sensitivity);
  if constexpr (requires { o.recall; }) visit.required("recall", o.recall);
  if constexpr (requires { o.precision; }) visit.required("precision", o.precision);
  if constexpr (requires { o.target_class_ids; }) visit("target_class_ids", o.target_class_ids);
  if constexpr (requires { o.num_thresholds; }) visit("num_thresholds", o.num_thresholds);
  if constexpr (requires { o.curve; }) visit("curve", o.curve);
  if constexpr (requires { o.summation_method; }) visit("summation_method", o.summation_method);
  if constexpr (requires { o.thresholds; }) visit("thresholds", o.thresholds);
  if constexpr (requires { o.threshold; }) visit("threshold", o.threshold);
  if constexpr (requires { o.multi_label; }) visit("multi_label", o.multi_label);
  if constexpr (requires { o.num_labels; }) visit("num_labels", o.num_labels);
  if constexpr (requires { o.label_weights; }) visit("label_weights", o.label_weights);
  if constexpr (requires { o.from_logits; }) visit("from_logits", o.from_logits);
  if constexpr (requires { o.label_smoothing; }) visit("label_smoothing", o.label_smoothing);
  if constexpr (requires { o.k; }) visit("k", o.k);
  if constexpr (requires { o.from_sorted_ids; }) visit("from_sorted_ids", o.from_sorted_ids);
  if constexpr (requires { o.top_k; }) visit("top_k", o.top_k);
  if constexpr (requires { o.class_id; }) visit("class_id", o.class_id);
  if constexpr (requires { o.average; }) visit("average", o.average);
  if constexpr (requires { o.beta; }) visit("beta", o.beta);
  if constexpr (requires { o.class_aggregation; }) visit("class_aggregation", o.class_aggregation);
  if constexpr (requires { o.num_regressors; }) visit("num_regressors", o.num_regressors);
  if constexpr (requires { o.ignore_class; }) visit("ignore_class", o.ignore_class);
  if constexpr (requires { o.sparse_y_true; }) visit("sparse_y_true", o.sparse_y_true);
  if constexpr (requires { o.sparse_y_pred; }) visit("sparse_y_pred", o.sparse_y_pred);
  if constexpr (requires { o.axis; }) visit("axis", o.axis);
  if constexpr (requires { o.dtype; }) visit("dtype", o.dtype);
}

/// Arguments that are not Keras's defaults, so that identifiers stay short.
template <typename Options>
Attributes arguments_of(const Options& options) {
  ConfigWriter given;
  fields(options, given);
  ConfigWriter ordinary;
  const Options defaults;
  fields(defaults, ordinary);
  return differing(given.take(), ordinary.take());
}

/// Their place in the identifier is filled in.
template <typename Options>
Options read_options(ConfigReader& reader, MetricHeading& heading) {
  Options options;
  fields(options, reader);
  reader.finish();
  for (const Attributes::Entry& entry : arguments_of(options))
    heading.identifier.arguments.set(entry.first, entry.second);
  return options;
}

using MetricMaker = std::shared_ptr<Metric> (*)(ConfigReader&, MetricHeading);

/// Of class M, which is made from its heading and its options.
template <typename M, typename Options>
std::shared_ptr<Metric> make_metric(ConfigReader& reader, MetricHeading heading) {
  const Options options = read_options<Options>(reader, heading);
  return std::make_shared<M>(std::move(heading), options);
}

/// The mean of a function of (y_true, y_pred) or (y_true, y_pred, options).
template <typename Options, auto function>
std::shared_ptr<Metric> make_mean(ConfigReader& reader, MetricHeading heading) {
  const Options options = read_options<Options>(reader, heading);
  MeanMetric::Function values;
  if constexpr (std::is_invocable_v<decltype(function), Value, Value>) {
    values = function;
  } else {
    values = [options](Value y_true, Value y_pred) { return function(y_true, y_pred, options); };
  }
  return std::make_shared<MeanMetric>(std::move(heading), std::move(values));
}

struct MetricClass {
  /// Keras's class name and the name its objects go by.
  const char* class_name;
  const char* default_name;
  MetricMaker make;
  std::vector<const char*> aliases = {};
};

/// The metric of an identifier, with a name where it gives one.
std::shared_ptr<Metric> make(const Identifier& identifier);
/// A metric object from its arguments.
MetricPtr made(const char* class_name, Attributes arguments, const std::string& name);
template <typename Options>
MetricPtr made(const char* class_name, const Options& options, const std::string& name) {
  return made(class_name, arguments_of(options), name);
}

/// a / b, and 0 where b is 0.
inline double divide_no_nan(double a, double b) { return b == 0.0 ? 0.0 : a / b; }

/// The numbers of a float64 variable; metrics' have one layout.
inline const double* numbers(const VariablePtr& variable) {
  return static_cast<const double*>(variable->data());
}

std::vector<MetricClass> reduction_metrics();
std::vector<MetricClass> accuracy_metrics();
/// Means of losses.
std::vector<MetricClass> loss_metrics();
std::vector<MetricClass> regression_metrics();
std::vector<MetricClass> confusion_metrics();
std::vector<MetricClass> auc_metrics();
std::vector<MetricClass> f_score_metrics();
std::vector<MetricClass> iou_metrics();

}  // namespace sinew::metrics
