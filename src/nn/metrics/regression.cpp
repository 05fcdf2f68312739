#include "sinew/nn/metrics/regression.h"

#include <fmt/format.h>

#include <cmath>

#include "nn/metrics/registry.h"
#include "nn/targets.h"
#include "sinew/base/suggest.h"
#include "sinew/ops/ops.h"

namespace sinew::metrics {
namespace {

struct AxisOptions {
  int axis = -1;
};

Value cosine_similarity(Value y_true, Value y_pred, const AxisOptions& options) {
  const Targets t = align("cosine_similarity", y_true, y_pred);
  return ops::sum(normalize(t.y_true, options.axis) * normalize(t.y_pred, options.axis),
                  {options.axis});
}

Value pearson_correlation(Value y_true, Value y_pred, const AxisOptions& options) {
  const Targets t = align("pearson_correlation", y_true, y_pred);
  const auto standardize = [&](Value y) {
    const Value centred = y - ops::mean(y, {options.axis}, true);
    return centred / ops::sqrt(ops::variance(centred, {options.axis}, true));
  };
  return ops::mean(standardize(t.y_true) * standardize(t.y_pred), {options.axis});
}

Value concordance_correlation(Value y_true, Value y_pred, const AxisOptions& options) {
  const auto [t, p] = align("concordance_correlation", y_true, y_pred);
  const std::vector<int> axes = {options.axis};
  const Value mean = ops::mean(t, axes, true);
  const Value predicted_mean = ops::mean(p, axes, true);
  // Keras's covariance takes both from the prediction's mean, which changes nothing.
  const Value covariance = (t - predicted_mean) * (p - predicted_mean);
  const Value norm = ops::variance(t, axes, true) + ops::variance(p, axes, true) +
                     ops::square(mean - predicted_mean);
  return ops::mean(2.0 * covariance / (norm + kEpsilon), axes);
}

class RootMeanSquaredErrorMetric final : public MeanMetric {
 public:
  RootMeanSquaredErrorMetric(MetricHeading heading, NoOptions)
      : MeanMetric(std::move(heading), [](Value y_true, Value y_pred) {
          const Targets t = align("root_mean_squared_error", y_true, y_pred);
          return ops::square(t.y_pred - t.y_true);
        }) {}
  double result() const override { return std::sqrt(MeanMetric::result()); }
};

/// Of each output the sums that variance and residual are made of.
class R2ScoreMetric final : public VectorMetric {
 public:
  R2ScoreMetric(MetricHeading heading, R2ScoreOptions options)
      : VectorMetric(std::move(heading)),
        options_(std::move(options)),
        samples_(add_variable("num_samples")) {
    const std::vector<std::string> known = {"uniform_average", "variance_weighted_average", "none"};
    if (std::find(known.begin(), known.end(), options_.class_aggregation) == known.end()) {
      throw ValueError(fmt::format(
          "metric {}: {}", name(),
          unknown_name_message("class_aggregation", options_.class_aggregation, known)));
    }
    if (options_.num_regressors < 0) {
      throw ValueError(fmt::format("metric {}: num_regressors is {}; it must not be negative",
                                   name(), options_.num_regressors));
    }
  }

  void build(const TensorType& y_true, const TensorType& y_pred) override {
    if (sum_) return;
    if (y_pred.shape.rank() != 2 || y_true.shape.rank() > 2) {
      throw ShapeError(fmt::format(
          "metric {}: y_true has shape {} and y_pred has shape {}: both must be (N, outputs)",
          name(), y_true.shape.str(), y_pred.shape.str()));
    }
    const Shape outputs{y_pred.shape[-1]};
    squares_ = add_variable("squared_sum", DType::Float64, outputs);
    sum_ = add_variable("sum", DType::Float64, outputs);
    residual_ = add_variable("residual", DType::Float64, outputs);
    count_ = add_variable("count", DType::Float64, outputs);
  }

  void update(CallContext& context, Value y_true, Value y_pred, Value sample_weight) override {
    build(y_true.type(), y_pred.type());
    const Graph::Scope scope(context.graph, "metric " + name());
    const Targets t =
        align(name(), ops::cast(y_true, DType::Float64), ops::cast(y_pred, DType::Float64));
    Value weights = ops::ones_like(t.y_true);
    if (sample_weight)
      weights = ops::broadcast_to(align_weights("metric " + name(), sample_weight, t.y_true),
                                  t.y_true.shape());
    const auto add = [&](const VariablePtr& variable, Value values) {
      context.assign(variable, context.current(variable) + ops::sum(values, {0}));
    };
    add(sum_, weights * t.y_true);
    add(squares_, weights * ops::square(t.y_true));
    add(residual_, weights * ops::square(t.y_true - t.y_pred));
    add(count_, weights);
    context.assign(samples_,
                   context.current(samples_) + static_cast<double>(t.y_true.shape().numel()));
  }

  std::int64_t result_count() const override {
    return options_.class_aggregation == "none" && sum_ ? sum_->shape()[0] : 1;
  }

  double result_at(std::int64_t index) const override {
    if (!sum_ || *numbers(count_) == 0.0) return 0.0;
    if (options_.class_aggregation == "none") return adjusted(score(index));
    const bool by_variance = options_.class_aggregation == "variance_weighted_average";
    double total = 0;
    double weights = 0;
    for (std::int64_t i = 0; i < sum_->shape()[0]; ++i) {
      const double weight = by_variance ? variation(i) : 1.0;
      total += weight * score(i);
      weights += weight;
    }
    return adjusted(total / weights);
  }

 private:
  /// The sum of squared distances from the mean.
  double variation(std::int64_t output) const {
    const double sum = numbers(sum_)[output];
    return numbers(squares_)[output] - sum * (sum / numbers(count_)[output]);
  }
  double score(std::int64_t output) const {
    const double score = 1.0 - numbers(residual_)[output] / variation(output);
    return std::isinf(score) ? 0.0 : score;
  }
  double adjusted(double score) const {
    const double samples = *numbers(samples_);
    const auto regressors = static_cast<double>(options_.num_regressors);
    if (regressors == 0.0 || regressors >= samples - 1.0) return score;
    return 1.0 - (1.0 - score) * (samples - 1.0) / (samples - regressors - 1.0);
  }

  R2ScoreOptions options_;
  VariablePtr samples_;
  VariablePtr squares_, sum_, residual_, count_;
};

}  // namespace

MetricPtr RootMeanSquaredError(std::string name) {
  return made("RootMeanSquaredError", NoOptions{}, name);
}
MetricPtr CosineSimilarity(int axis, std::string name) {
  return made("CosineSimilarity", AxisOptions{axis}, name);
}
MetricPtr PearsonCorrelation(int axis, std::string name) {
  return made("PearsonCorrelation", AxisOptions{axis}, name);
}
MetricPtr ConcordanceCorrelation(int axis, std::string name) {
  return made("ConcordanceCorrelation", AxisOptions{axis}, name);
}
MetricPtr R2Score(R2ScoreOptions options, std::string name) {
  return made("R2Score", options, name);
}

std::vector<MetricClass> regression_metrics() {
  return {
      {"RootMeanSquaredError",
       "root_mean_squared_error",
       make_metric<RootMeanSquaredErrorMetric, NoOptions>,
       {"rmse"}},
      {"CosineSimilarity", "cosine_similarity", make_mean<AxisOptions, cosine_similarity>},
      {"PearsonCorrelation", "pearson_correlation", make_mean<AxisOptions, pearson_correlation>},
      {"ConcordanceCorrelation", "concordance_correlation",
       make_mean<AxisOptions, concordance_correlation>},
      {"R2Score", "r2_score", make_metric<R2ScoreMetric, R2ScoreOptions>},
  };
}

}  // namespace sinew::metrics
