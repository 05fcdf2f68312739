#pragma once

#include "sinew/nn/metrics/metric.h"

namespace sinew {

/// Weighted mean of values; most metrics are means of a function of (y_true, y_pred).
class MeanMetric : public Metric {
 public:
  using Function = Loss::Function;

  explicit MeanMetric(std::string name = "mean");
  /// `values`: one value a sample; those that its mask leaves out count where there are weights, as
  /// in Keras.
  MeanMetric(MetricHeading heading, Function values);

  void update(CallContext& context, Value y_true, Value y_pred, Value sample_weight = {}) override;
  /// The same for values that are there already (the loss): `weights` is broadcast, or undefined
  /// for ones.
  void update_values(CallContext& context, Value values, Value weights = {});
  double result() const override;

 private:
  Function values_;
  VariablePtr total_;
  VariablePtr count_;
};

/// Weighted sum of values.
class SumMetric final : public Metric {
 public:
  explicit SumMetric(MetricHeading heading);

  /// Throws: it takes values.
  void update(CallContext& context, Value y_true, Value y_pred, Value sample_weight = {}) override;
  void update_values(CallContext& context, Value values, Value weights = {});
  double result() const override;

 private:
  VariablePtr total_;
};

namespace metrics {

/// A MeanMetric of values.
MetricPtr Mean(std::string name = "mean");
/// A SumMetric.
MetricPtr Sum(std::string name = "sum");

}  // namespace metrics
}  // namespace sinew
