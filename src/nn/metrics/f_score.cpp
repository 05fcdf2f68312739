#include "sinew/nn/metrics/f_score.h"

#include <fmt/format.h>

#include <algorithm>

#include "nn/metrics/registry.h"
#include "nn/targets.h"
#include "sinew/base/suggest.h"
#include "sinew/ops/ops.h"

namespace sinew::metrics {
namespace {

/// Counts of each class, or of all together.
class FBetaMetric final : public VectorMetric {
 public:
  FBetaMetric(MetricHeading heading, FBetaScoreOptions options)
      : VectorMetric(std::move(heading)), options_(std::move(options)) {
    const std::vector<std::string> known = {"micro", "macro", "weighted"};
    const std::string& average = options_.average;
    if (!average.empty() && std::find(known.begin(), known.end(), average) == known.end()) {
      throw ValueError(
          fmt::format("metric {}: {}", name(), unknown_name_message("average", average, known)));
    }
    if (!(options_.beta > 0.0)) {
      throw ValueError(
          fmt::format("metric {}: beta is {}; it must be positive", name(), options_.beta));
    }
    if (options_.threshold && !(*options_.threshold > 0.0 && *options_.threshold <= 1.0)) {
      throw ValueError(fmt::format("metric {}: threshold is {}; it must be in (0, 1]", name(),
                                   *options_.threshold));
    }
  }
  FBetaMetric(MetricHeading heading, const F1ScoreOptions& options)
      : FBetaMetric(std::move(heading),
                    FBetaScoreOptions{.average = options.average, .threshold = options.threshold}) {
  }

  void build(const TensorType& y_true, const TensorType& y_pred) override {
    if (true_positives_) return;
    if (y_pred.shape.rank() != 2 || y_true.shape.rank() != 2) {
      throw ShapeError(fmt::format(
          "metric {}: y_true has shape {} and y_pred has shape {}: both must be (N, classes)",
          name(), y_true.shape.str(), y_pred.shape.str()));
    }
    const Shape classes{options_.average == "micro" ? 1 : y_pred.shape[-1]};
    true_positives_ = add_variable("true_positives", DType::Float64, classes);
    false_positives_ = add_variable("false_positives", DType::Float64, classes);
    false_negatives_ = add_variable("false_negatives", DType::Float64, classes);
  }

  void update(CallContext& context, Value y_true, Value y_pred, Value sample_weight) override {
    build(y_true.type(), y_pred.type());
    const Graph::Scope scope(context.graph, "metric " + name());
    const Targets t = align_classes(name(), y_true, y_pred);
    const Value y = ops::cast(t.y_true, DType::Float64);
    const Value p = ops::cast(predicted(t.y_pred), DType::Float64);
    Value weights;
    if (sample_weight) weights = align_weights("metric " + name(), sample_weight, y);
    const auto add = [&](const VariablePtr& variable, Value values) {
      if (weights) values = values * weights;
      const Value batch =
          ops::sum(values, options_.average == "micro" ? std::vector<int>{} : std::vector<int>{0});
      context.assign(variable, context.current(variable) + ops::reshape(batch, variable->shape()));
    };
    add(true_positives_, p * y);
    add(false_positives_, p * (1.0 - y));
    add(false_negatives_, (1.0 - p) * y);
  }

  std::int64_t result_count() const override {
    return options_.average.empty() && true_positives_ ? classes() : 1;
  }

  double result_at(std::int64_t index) const override {
    if (!true_positives_) return 0.0;
    if (options_.average.empty()) return score(index);
    double all = 0;
    for (std::int64_t i = 0; i < classes(); ++i) all += positives(i);
    double sum = 0;
    for (std::int64_t i = 0; i < classes(); ++i) {
      const double weight = options_.average == "weighted" ? positives(i) / (all + kEpsilon)
                                                           : 1.0 / static_cast<double>(classes());
      sum += weight * score(i);
    }
    return sum;
  }

 private:
  std::int64_t classes() const { return true_positives_->shape()[0]; }
  /// Above the threshold; without one, a row's largest where that is not 0.
  Value predicted(Value scores) const {
    if (options_.threshold) return ops::greater(scores, *options_.threshold);
    return ops::logical_and(ops::greater_equal(scores, ops::max(scores, {-1}, true)),
                            ops::greater(ops::abs(scores), 1e-9));
  }
  double positives(std::int64_t i) const {
    return numbers(true_positives_)[i] + numbers(false_negatives_)[i];
  }
  double score(std::int64_t i) const {
    const double found = numbers(true_positives_)[i];
    const double precision = found / (found + numbers(false_positives_)[i] + kEpsilon);
    const double recall = found / (positives(i) + kEpsilon);
    const double weight = options_.beta * options_.beta;
    return (1.0 + weight) * precision * recall / (weight * precision + recall + kEpsilon);
  }

  FBetaScoreOptions options_;
  VariablePtr true_positives_, false_positives_, false_negatives_;
};

}  // namespace

MetricPtr F1Score(F1ScoreOptions options, std::string name) {
  return made("F1Score", options, name);
}
MetricPtr FBetaScore(FBetaScoreOptions options, std::string name) {
  return made("FBetaScore", options, name);
}

std::vector<MetricClass> f_score_metrics() {
  return {
      {"F1Score", "f1_score", make_metric<FBetaMetric, F1ScoreOptions>},
      {"FBetaScore", "fbeta_score", make_metric<FBetaMetric, FBetaScoreOptions>},
  };
}

}  // namespace sinew::metrics
