#include "nn/metrics/confusion_metric.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "nn/metrics/registry.h"
#include "nn/targets.h"
#include "sinew/ops/ops.h"

namespace sinew::metrics {
namespace {

/// As Keras decides it: to within its epsilon, and a part of 1e5.
bool are_even(const std::vector<double>& thresholds) {
  const std::size_t count = thresholds.size();
  if (count < 3) return false;
  for (std::size_t i = 0; i < count; ++i) {
    const double even = static_cast<double>(i) / static_cast<double>(count - 1);
    if (std::abs(thresholds[i] - even) > kEpsilon + 1e-5 * even) return false;
  }
  return true;
}

/// A row's k largest scores, the first of equals first; all others far below every threshold.
Value keep_top_k(Value scores, std::int64_t k) {
  const Value lowest = ops::scalar_like(scores, -1e10);
  Value left = scores;
  Value kept;
  for (std::int64_t i = 0; i < k; ++i) {
    const Value best = ops::one_hot(ops::argmax(left), scores.dim(-1), scores.dtype());
    const Value is_best = ops::greater(best, 0.0);
    left = ops::where(is_best, ops::scalar_like(scores, -INFINITY), left);
    kept = kept ? ops::logical_or(kept, is_best) : is_best;
  }
  return ops::where(kept, scores, lowest);
}

}  // namespace

double Confusion::recall() const { return divide_no_nan(true_positives, positives()); }
double Confusion::precision() const {
  return divide_no_nan(true_positives, true_positives + false_positives);
}
double Confusion::specificity() const { return divide_no_nan(true_negatives, negatives()); }

std::vector<double> checked_thresholds(const std::string& metric, std::vector<double> thresholds,
                                       double otherwise) {
  for (const double threshold : thresholds) {
    if (!(threshold >= 0.0 && threshold <= 1.0)) {
      throw ValueError(
          fmt::format("metric {}: a threshold is {}; it must be in [0, 1]", metric, threshold));
    }
  }
  if (thresholds.empty()) thresholds = {otherwise};
  return thresholds;
}

std::vector<double> even_thresholds(std::int64_t count) {
  if (count == 1) return {0.5};
  std::vector<double> thresholds;
  for (std::int64_t i = 0; i < count; ++i)
    thresholds.push_back(static_cast<double>(i) / static_cast<double>(count - 1));
  return thresholds;
}

ConfusionMetric::ConfusionMetric(MetricHeading heading, std::vector<double> thresholds,
                                 Selection selection)
    : VectorMetric(std::move(heading)),
      thresholds_(std::move(thresholds)),
      even_(are_even(thresholds_)),
      selection_(selection) {
  for (const double threshold : thresholds_) {
    ranks_.push_back(static_cast<std::size_t>(std::count_if(
        thresholds_.begin(), thresholds_.end(), [&](double other) { return other < threshold; })));
  }
}

void ConfusionMetric::make_state(std::int64_t labels) {
  labels_ = labels;
  counts_ = add_variable("counts", DType::Float64,
                         {labels * static_cast<std::int64_t>(thresholds_.size() + 1), 2});
}

Value ConfusionMetric::places_of(Value scores) const {
  const auto count = static_cast<std::int64_t>(thresholds_.size());
  if (!even_) {
    const Value bounds =
        scores.graph().constant(Tensor::from(thresholds_, {count}).cast(scores.dtype()));
    const Value above = ops::greater(ops::expand_dims(scores, -1), bounds);
    return ops::sum(ops::cast(above, DType::Float32), {-1});
  }
  // Keras's bucket, counted from 1; with ends outside [0, 1] every score is above the first.
  const Value steps = ops::ceil(ops::minimum(scores, 1.0) * static_cast<double>(count - 1));
  const Value places = ops::where(ops::greater(scores, 0.0), steps, ops::zeros_like(steps));
  return thresholds_.front() < 0.0 ? ops::maximum(places, 1.0) : places;
}

void ConfusionMetric::count(CallContext& context, Value y_true, Value y_pred, Value sample_weight,
                            const std::vector<double>& column_weights) {
  const Graph::Scope scope(context.graph, "metric " + name());
  Targets t = align(name(), y_true, y_pred);
  if (selection_.top_k) {
    if (t.y_pred.rank() < 1 || *selection_.top_k > t.y_pred.dim(-1)) {
      throw ShapeError(fmt::format("metric {}: top_k is {}, but y_pred has shape {}", name(),
                                   *selection_.top_k, t.y_pred.shape().str()));
    }
    t.y_pred = keep_top_k(t.y_pred, *selection_.top_k);
  }
  if (const auto id = selection_.class_id) {
    if (t.y_pred.rank() < 2 || *id < 0 || *id >= t.y_pred.dim(-1)) {
      throw ShapeError(fmt::format("metric {}: class_id is {}, but y_pred has shape {}", name(),
                                   *id, t.y_pred.shape().str()));
    }
    t.y_true = ops::slice(t.y_true, -1, *id, *id + 1);
    t.y_pred = ops::slice(t.y_pred, -1, *id, *id + 1);
  }
  Value weights = ops::ones(context.graph, {}, DType::Float64);
  if (sample_weight)
    weights = ops::cast(align_weights("metric " + name(), sample_weight, t.y_pred), DType::Float64);
  if (!column_weights.empty()) {
    const auto columns = static_cast<std::int64_t>(column_weights.size());
    if (t.y_pred.rank() < 2 || t.y_pred.dim(-1) != columns) {
      throw ShapeError(fmt::format("metric {}: there are {} label weights, but y_pred has shape {}",
                                   name(), columns, t.y_pred.shape().str()));
    }
    weights = weights * context.graph.constant(Tensor::from(column_weights, {columns}));
  }
  Value place = ops::cast(places_of(t.y_pred), DType::Int64);
  const auto places = static_cast<std::int64_t>(thresholds_.size() + 1);
  if (labels_ > 1) {
    const Value first =
        ops::arange(context.graph, labels_) * context.graph.constant(Tensor::scalar(places));
    place = place + first;
  }
  const Value two = context.graph.constant(Tensor::scalar(std::int64_t{2}));
  const Value positive =
      ops::cast(ops::not_equal(t.y_true, ops::zeros_like(t.y_true)), DType::Int64);
  const Value batch = ops::scatter_add(
      place * two + positive, ops::broadcast_to(weights, place.shape()), 2 * labels_ * places);
  context.assign(counts_, context.current(counts_) + ops::reshape(batch, counts_->shape()));
}

double ConfusionMetric::tally(std::int64_t label, std::size_t place, bool positive) const {
  const std::size_t row = static_cast<std::size_t>(label) * (thresholds_.size() + 1) + place;
  return numbers(counts_)[2 * row + (positive ? 1 : 0)];
}

void ConfusionMetric::move_above(Confusion& confusion, std::int64_t label,
                                 std::size_t place) const {
  const double positives = tally(label, place, true);
  const double negatives = tally(label, place, false);
  confusion.true_positives += positives;
  confusion.false_negatives -= positives;
  confusion.false_positives += negatives;
  confusion.true_negatives -= negatives;
}

Confusion ConfusionMetric::at(std::size_t threshold) const {
  Confusion confusion;
  for (std::size_t place = 0; place <= thresholds_.size(); ++place) {
    confusion.false_negatives += tally(0, place, true);
    confusion.true_negatives += tally(0, place, false);
  }
  for (std::size_t place = ranks_[threshold] + 1; place <= thresholds_.size(); ++place)
    move_above(confusion, 0, place);
  return confusion;
}

}  // namespace sinew::metrics
