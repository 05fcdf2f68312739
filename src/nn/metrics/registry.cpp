#include "nn/metrics/registry.h"

#include <algorithm>

#include "sinew/base/suggest.h"
#include "sinew/base/text.h"

namespace sinew {
namespace metrics {
namespace {

const std::vector<MetricClass>& classes() {
  static const auto table = [] {
    std::vector<MetricClass> result;
    for (const auto& family :
         {reduction_metrics(), accuracy_metrics(), loss_metrics(), regression_metrics(),
          confusion_metrics(), auc_metrics(), f_score_metrics(), iou_metrics()})
      result.insert(result.end(), family.begin(), family.end());
    return result;
  }();
  return table;
}

/// By class name or alias; "f1_score" and "F1Score" agree.
const MetricClass& class_of(const Identifier& identifier) {
  const auto same = [key = identifier.key()](const char* name) {
    return Identifier{name}.key() == key;
  };
  for (const MetricClass& metric : classes()) {
    if (same(metric.class_name) || std::any_of(metric.aliases.begin(), metric.aliases.end(), same))
      return metric;
  }
  throw ValueError(unknown_name_message("metric", identifier.name, metric_names()));
}

}  // namespace

std::shared_ptr<Metric> make(const Identifier& identifier) {
  const MetricClass& metric = class_of(identifier);
  ConfigReader reader("metric " + identifier.name, identifier.arguments);
  MetricHeading heading{metric.default_name, {metric.class_name}};
  DType dtype = DType::Float32;
  reader("name", heading.name);
  reader("dtype", dtype);
  // Without an argument, "Accuracy" is any accuracy.
  if (heading.name != metric.default_name || metric.class_name == std::string("Accuracy"))
    heading.identifier.arguments.set("name", heading.name);
  return metric.make(reader, std::move(heading));
}

MetricPtr made(const char* class_name, Attributes arguments, const std::string& name) {
  arguments.set("name", name);
  return make(Identifier{class_name, std::move(arguments)});
}

}  // namespace metrics

MetricPtr::MetricPtr(const std::string& text) {
  const Identifier identifier = Identifier::parse(text, "metric");
  const bool bare = identifier.arguments == Attributes{};
  if (bare && (identifier.key() == "accuracy" || identifier.key() == "acc")) {
    unresolved_ = identifier.name;
    return;
  }
  std::shared_ptr<Metric>::operator=(metrics::make(identifier));
  // As in Keras's compile(), a metric given as text goes by that text: "mae" stays "mae" in the
  // results.
  if (bare) get()->set_name(identifier.name);
  given_ = text;
}

std::shared_ptr<Metric> MetricPtr::mean_of(std::string name, Loss::Function values) {
  return std::make_shared<MeanMetric>(MetricHeading{std::move(name)}, std::move(values));
}

std::shared_ptr<Metric> MetricPtr::resolve(const TensorType& y_true,
                                           const TensorType& y_pred) const {
  if (*this) return *this;
  if (unresolved_.empty()) throw ValueError("a metric is needed, but a null MetricPtr was given");
  const Shape& truth = y_true.shape;
  const Shape& predicted = y_pred.shape;
  const bool has_classes = predicted.rank() > 0 && predicted[-1] > 1;
  if (!has_classes) return metrics::BinaryAccuracy(0.5, unresolved_);
  const bool class_numbers = truth.rank() < predicted.rank() || truth[-1] == 1;
  return class_numbers ? metrics::SparseCategoricalAccuracy(unresolved_)
                       : metrics::CategoricalAccuracy(unresolved_);
}

std::string MetricPtr::identifier() const {
  if (!given_.empty()) return given_;
  return *this ? get()->identifier() : unresolved_;
}

std::vector<Signature> metric_signatures() {
  std::vector<Signature> signatures;
  for (const metrics::MetricClass& metric : metrics::classes()) {
    signatures.push_back(
        {metric.class_name,
         metric.default_name,
         {metric.aliases.begin(), metric.aliases.end()},
         arguments_of([&](ConfigReader& lister) { metric.make(lister, {}); }, {"dtype"})});
  }
  return signatures;
}

std::vector<std::string> metric_names() {
  std::vector<std::string> names = {"acc", "accuracy"};
  for (const metrics::MetricClass& metric : metrics::classes()) {
    if (metric.class_name == std::string("Accuracy")) continue;
    names.emplace_back(snake_case(metric.class_name));
    names.insert(names.end(), metric.aliases.begin(), metric.aliases.end());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace sinew
