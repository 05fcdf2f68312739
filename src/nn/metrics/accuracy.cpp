#include "sinew/nn/metrics/accuracy.h"

#include <fmt/format.h>

#include "nn/metrics/registry.h"
#include "nn/targets.h"
#include "sinew/ops/ops.h"

namespace sinew::metrics {
namespace {

struct BinaryOptions {
  double threshold = 0.5;
};
struct TopKOptions {
  std::int64_t k = 5;
};
struct SparseTopKOptions {
  std::int64_t k = 5;
  bool from_sorted_ids = false;
};

/// Truth of a comparison as 0 and 1, in y_pred's dtype.
Value as_numbers(Value truth, Value y_pred) { return ops::cast(truth, y_pred.dtype()); }

Value accuracy(Value y_true, Value y_pred) {
  const Targets t = align("accuracy", y_true, y_pred);
  return ops::cast(ops::equal(t.y_true, t.y_pred), DType::Float32);
}

Value binary_accuracy(Value y_true, Value y_pred, const BinaryOptions& options) {
  const Targets t = align("binary_accuracy", y_true, y_pred);
  const Value predicted = as_numbers(ops::greater(t.y_pred, options.threshold), t.y_pred);
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

void check_k(const char* name, std::int64_t k) {
  if (k < 1) throw ValueError(fmt::format("metric {}: k is {}; it must be at least 1", name, k));
}

/// Whether fewer than k scores are higher than the true class's.
Value in_top_k(Value labels, Value y_pred, std::int64_t k) {
  const Value true_class = ops::one_hot(labels, y_pred.dim(-1), y_pred.dtype());
  const Value score = ops::sum(y_pred * true_class, {-1}, true);
  const Value higher = ops::sum(as_numbers(ops::greater(y_pred, score), y_pred), {-1});
  return as_numbers(ops::less(higher, ops::scalar_like(higher, static_cast<double>(k))), y_pred);
}

Value top_k_accuracy(Value y_true, Value y_pred, const TopKOptions& options) {
  const Targets t = align_classes("top_k_categorical_accuracy", y_true, y_pred);
  return in_top_k(ops::argmax(t.y_true), t.y_pred, options.k);
}

Value sparse_top_k_accuracy(Value y_true, Value y_pred, const SparseTopKOptions& options) {
  const Targets t = align_class_numbers("sparse_top_k_categorical_accuracy", y_true, y_pred);
  if (!options.from_sorted_ids) return in_top_k(t.y_true, t.y_pred, options.k);
  const Value first = ops::slice(t.y_pred, -1, 0, std::min(options.k, t.y_pred.dim(-1)));
  const Value label = ops::expand_dims(ops::cast(t.y_true, first.dtype()), -1);
  return ops::max(ops::cast(ops::equal(first, label), DType::Float32), {-1});
}

/// A mean over whether a class is among the first k, which must be at least 1.
template <typename Options, auto function>
std::shared_ptr<Metric> make_top_k(ConfigReader& reader, MetricHeading heading) {
  std::int64_t k = Options().k;
  reader("k", k);
  check_k(heading.name.c_str(), k);
  return make_mean<Options, function>(reader, std::move(heading));
}

}  // namespace

MetricPtr Accuracy(std::string name) { return made("Accuracy", NoOptions{}, name); }
MetricPtr BinaryAccuracy(double threshold, std::string name) {
  return made("BinaryAccuracy", BinaryOptions{threshold}, name);
}
MetricPtr CategoricalAccuracy(std::string name) {
  return made("CategoricalAccuracy", NoOptions{}, name);
}
MetricPtr SparseCategoricalAccuracy(std::string name) {
  return made("SparseCategoricalAccuracy", NoOptions{}, name);
}
MetricPtr TopKCategoricalAccuracy(std::int64_t k, std::string name) {
  return made("TopKCategoricalAccuracy", TopKOptions{k}, name);
}
MetricPtr SparseTopKCategoricalAccuracy(std::int64_t k, std::string name, bool from_sorted_ids) {
  return made("SparseTopKCategoricalAccuracy", SparseTopKOptions{k, from_sorted_ids}, name);
}

std::vector<MetricClass> accuracy_metrics() {
  return {
      {"Accuracy", "accuracy", make_mean<NoOptions, accuracy>},
      {"BinaryAccuracy", "binary_accuracy", make_mean<BinaryOptions, binary_accuracy>},
      {"CategoricalAccuracy", "categorical_accuracy", make_mean<NoOptions, categorical_accuracy>},
      {"SparseCategoricalAccuracy", "sparse_categorical_accuracy",
       make_mean<NoOptions, sparse_categorical_accuracy>},
      {"TopKCategoricalAccuracy", "top_k_categorical_accuracy",
       make_top_k<TopKOptions, top_k_accuracy>},
      {"SparseTopKCategoricalAccuracy", "sparse_top_k_categorical_accuracy",
       make_top_k<SparseTopKOptions, sparse_top_k_accuracy>},
  };
}

}  // namespace sinew::metrics
