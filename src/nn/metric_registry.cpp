#include <fmt/format.h>

#include <cmath>
#include <map>

#include "nn/config.h"
#include "nn/loss_functions.h"
#include "nn/targets.h"
#include "sinew/base/error.h"
#include "sinew/base/suggest.h"
#include "sinew/nn/metrics.h"
#include "sinew/ops/ops.h"

namespace sinew {
namespace {

/// Truth of a comparison as 0 and 1, in y_pred's dtype.
Value as_numbers(Value truth, Value y_pred) { return ops::cast(truth, y_pred.dtype()); }

Value binary_accuracy(Value y_true, Value y_pred, double threshold) {
  const Targets t = align("binary_accuracy", y_true, y_pred);
  const Value predicted = as_numbers(ops::greater(t.y_pred, threshold), t.y_pred);
  return ops::mean(as_numbers(ops::equal(predicted, t.y_true), t.y_pred), {-1});
}

Value categorical_accuracy(Value y_true, Value y_pred) {
  const Targets t = align_classes("categorical_accuracy", y_true, y_pred);
  return as_numbers(ops::equal(ops::argmax(t.y_true), ops::argmax(t.y_pred)), t.y_pred);
}

Value sparse_categorical_accuracy(Value y_true, Value y_pred) {
  const Targets t = align_class_numbers("sparse_categorical_accuracy", y_true, y_pred);
  return as_numbers(ops::equal(ops::cast(t.y_true, DType::Int64), ops::argmax(t.y_pred)), t.y_pred);
}

/// Whether fewer than k scores are higher than the true class's.
Value in_top_k(Value labels, Value y_pred, std::int64_t k) {
  const Value true_class = ops::one_hot(labels, y_pred.dim(-1), y_pred.dtype());
  const Value score = ops::sum(y_pred * true_class, {-1}, true);
  const Value higher = ops::sum(as_numbers(ops::greater(y_pred, score), y_pred), {-1});
  return as_numbers(ops::less(higher, ops::scalar_like(higher, static_cast<double>(k))), y_pred);
}

Value top_k_accuracy(Value y_true, Value y_pred, std::int64_t k) {
  const Targets t = align_classes("top_k_categorical_accuracy", y_true, y_pred);
  return in_top_k(ops::argmax(t.y_true), t.y_pred, k);
}

Value sparse_top_k_accuracy(Value y_true, Value y_pred, std::int64_t k) {
  const Targets t = align_class_numbers("sparse_top_k_categorical_accuracy", y_true, y_pred);
  return in_top_k(t.y_true, t.y_pred, k);
}

class RootMeanSquaredErrorMetric final : public MeanMetric {
 public:
  explicit RootMeanSquaredErrorMetric(std::string name)
      : MeanMetric(std::move(name), losses::mean_squared_error, {"RootMeanSquaredError"}) {}
  double result() const override { return std::sqrt(MeanMetric::result()); }
};

using Maker = std::shared_ptr<Metric> (*)(ConfigReader&);

/// Arguments that all metrics have, after the metric's own.
std::string common(ConfigReader& reader, const char* default_name) {
  std::string name = default_name;
  DType dtype = DType::Float32;
  reader("name", name);
  reader("dtype", dtype);
  reader.finish();
  return name;
}

template <typename T>
std::shared_ptr<Metric> as_pointer(T metric) {
  return metric;
}

const std::map<std::string, Maker>& makers() {
  using Reader = ConfigReader&;
  static const auto table = [] {
    std::map<std::string, Maker> result = {
        {"mean", [](Reader r) { return as_pointer(metrics::Mean(common(r, "mean"))); }},
        {"binaryaccuracy",
         [](Reader r) {
           double threshold = 0.5;
           r("threshold", threshold);
           return as_pointer(metrics::BinaryAccuracy(threshold, common(r, "binary_accuracy")));
         }},
        {"categoricalaccuracy",
         [](Reader r) {
           return as_pointer(metrics::CategoricalAccuracy(common(r, "categorical_accuracy")));
         }},
        {"sparsecategoricalaccuracy",
         [](Reader r) {
           return as_pointer(
               metrics::SparseCategoricalAccuracy(common(r, "sparse_categorical_accuracy")));
         }},
        {"topkcategoricalaccuracy",
         [](Reader r) {
           std::int64_t k = 5;
           r("k", k);
           return as_pointer(
               metrics::TopKCategoricalAccuracy(k, common(r, "top_k_categorical_accuracy")));
         }},
        {"sparsetopkcategoricalaccuracy",
         [](Reader r) {
           std::int64_t k = 5;
           r("k", k);
           return as_pointer(metrics::SparseTopKCategoricalAccuracy(
               k, common(r, "sparse_top_k_categorical_accuracy")));
         }},
        {"meansquarederror",
         [](Reader r) {
           return as_pointer(metrics::MeanSquaredError(common(r, "mean_squared_error")));
         }},
        {"meanabsoluteerror",
         [](Reader r) {
           return as_pointer(metrics::MeanAbsoluteError(common(r, "mean_absolute_error")));
         }},
        {"rootmeansquarederror",
         [](Reader r) {
           return as_pointer(metrics::RootMeanSquaredError(common(r, "root_mean_squared_error")));
         }},
        {"binarycrossentropy",
         [](Reader r) {
           losses::CrossentropyOptions options;
           r("from_logits", options.from_logits);
           r("label_smoothing", options.label_smoothing);
           return as_pointer(
               metrics::BinaryCrossentropy(options, common(r, "binary_crossentropy")));
         }},
        {"categoricalcrossentropy",
         [](Reader r) {
           losses::CrossentropyOptions options;
           r("from_logits", options.from_logits);
           r("label_smoothing", options.label_smoothing);
           r.only("axis", std::int64_t{-1});
           return as_pointer(
               metrics::CategoricalCrossentropy(options, common(r, "categorical_crossentropy")));
         }},
        {"sparsecategoricalcrossentropy",
         [](Reader r) {
           losses::SparseCrossentropyOptions options;
           r("from_logits", options.from_logits);
           r.only("axis", std::int64_t{-1});
           return as_pointer(metrics::SparseCategoricalCrossentropy(
               options, common(r, "sparse_categorical_crossentropy")));
         }},
    };
    for (const auto& [alias, key] :
         {std::pair{"mse", "meansquarederror"}, std::pair{"mae", "meanabsoluteerror"},
          std::pair{"bce", "binarycrossentropy"}, std::pair{"rmse", "rootmeansquarederror"}}) {
      result[alias] = result.at(key);
    }
    return result;
  }();
  return table;
}

MetricPtr mean_of(std::string name, MeanMetric::Function values, Identifier identifier) {
  return std::shared_ptr<Metric>(
      std::make_shared<MeanMetric>(std::move(name), std::move(values), std::move(identifier)));
}

void expect_positive_k(const std::string& name, std::int64_t k) {
  if (k < 1) throw ValueError(fmt::format("metric {}: k is {}; it must be at least 1", name, k));
}

}  // namespace

namespace metrics {

MetricPtr Mean(std::string name) {
  return std::shared_ptr<Metric>(std::make_shared<MeanMetric>(std::move(name)));
}

MetricPtr BinaryAccuracy(double threshold, std::string name) {
  return mean_of(std::move(name),
                 [threshold](Value y_true, Value y_pred) {
                   return binary_accuracy(y_true, y_pred, threshold);
                 },
                 {"BinaryAccuracy", {{"threshold", threshold}}});
}
MetricPtr CategoricalAccuracy(std::string name) {
  return mean_of(std::move(name), categorical_accuracy, {"CategoricalAccuracy"});
}
MetricPtr SparseCategoricalAccuracy(std::string name) {
  return mean_of(std::move(name), sparse_categorical_accuracy, {"SparseCategoricalAccuracy"});
}
MetricPtr TopKCategoricalAccuracy(std::int64_t k, std::string name) {
  expect_positive_k(name, k);
  return mean_of(std::move(name),
                 [k](Value y_true, Value y_pred) { return top_k_accuracy(y_true, y_pred, k); },
                 {"TopKCategoricalAccuracy", {{"k", k}}});
}
MetricPtr SparseTopKCategoricalAccuracy(std::int64_t k, std::string name) {
  expect_positive_k(name, k);
  return mean_of(
      std::move(name),
      [k](Value y_true, Value y_pred) { return sparse_top_k_accuracy(y_true, y_pred, k); },
      {"SparseTopKCategoricalAccuracy", {{"k", k}}});
}
MetricPtr MeanSquaredError(std::string name) {
  return mean_of(std::move(name), losses::mean_squared_error, {"MeanSquaredError"});
}
MetricPtr MeanAbsoluteError(std::string name) {
  return mean_of(std::move(name), losses::mean_absolute_error, {"MeanAbsoluteError"});
}
MetricPtr RootMeanSquaredError(std::string name) {
  return std::shared_ptr<Metric>(std::make_shared<RootMeanSquaredErrorMetric>(std::move(name)));
}

namespace {

/// A loss as a metric: the mean of its values.
MetricPtr of_loss(std::string name, const Loss& loss) {
  return mean_of(
      std::move(name), [loss](Value y_true, Value y_pred) { return loss.call(y_true, y_pred); },
      Identifier::parse(loss.identifier(), "metric"));
}

}  // namespace

MetricPtr BinaryCrossentropy(losses::CrossentropyOptions options, std::string name) {
  return of_loss(std::move(name), losses::BinaryCrossentropy(options));
}
MetricPtr CategoricalCrossentropy(losses::CrossentropyOptions options, std::string name) {
  return of_loss(std::move(name), losses::CategoricalCrossentropy(options));
}
MetricPtr SparseCategoricalCrossentropy(losses::SparseCrossentropyOptions options,
                                        std::string name) {
  return of_loss(std::move(name), losses::SparseCategoricalCrossentropy(options));
}

}  // namespace metrics

MetricPtr::MetricPtr(const std::string& text) {
  const Identifier identifier = Identifier::parse(text, "metric");
  if ((identifier.key() == "accuracy" || identifier.key() == "acc") &&
      identifier.arguments == Attributes{}) {
    unresolved_ = identifier.name;
    return;
  }
  const auto maker = makers().find(identifier.key());
  if (maker == makers().end())
    throw ValueError(unknown_name_message("metric", identifier.name, metric_names()));
  ConfigReader reader("metric " + identifier.name, identifier.arguments);
  std::shared_ptr<Metric>::operator=(maker->second(reader));
  // As in Keras's compile(), a metric given as text goes by that text: "mae" stays "mae" in the
  // results.
  if (identifier.arguments == Attributes{}) get()->set_name(identifier.name);
  given_ = text;
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

std::vector<std::string> metric_names() {
  return {"acc",
          "accuracy",
          "bce",
          "binary_accuracy",
          "binary_crossentropy",
          "categorical_accuracy",
          "categorical_crossentropy",
          "mae",
          "mean",
          "mean_absolute_error",
          "mean_squared_error",
          "mse",
          "rmse",
          "root_mean_squared_error",
          "sparse_categorical_accuracy",
          "sparse_categorical_crossentropy",
          "sparse_top_k_categorical_accuracy",
          "top_k_categorical_accuracy"};
}

}  // namespace sinew
