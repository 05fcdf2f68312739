#include "sinew/nn/metrics/reduction.h"

#include <fmt/format.h>

#include "nn/metrics/registry.h"
#include "nn/targets.h"
#include "sinew/ops/ops.h"

namespace sinew {
namespace {

[[noreturn]] void takes_values(const Metric& metric, const char* class_name) {
  throw ValueError(
      fmt::format("metric {}: {} takes values, not y_true and y_pred", metric.name(), class_name));
}

Value as_floating(Value values) {
  return is_floating(values.dtype()) ? values : ops::cast(values, DType::Float32);
}

}  // namespace

MeanMetric::MeanMetric(std::string name)
    : MeanMetric(MetricHeading{std::move(name), {"Mean"}}, nullptr) {}

MeanMetric::MeanMetric(MetricHeading heading, Function values)
    : Metric(std::move(heading)),
      values_(std::move(values)),
      total_(add_variable("total")),
      count_(add_variable("count")) {}

void MeanMetric::update(CallContext& context, Value y_true, Value y_pred, Value sample_weight) {
  if (!values_) takes_values(*this, "Mean");
  const Graph::Scope scope(context.graph, "metric " + name());
  const auto [values, mask] = values_(y_true, y_pred);
  if (const Value kept = context.mask(y_pred)) {
    const Value counts = align_weights("metric " + name(), kept, values, "masks");
    sample_weight =
        sample_weight ? align_weights("metric " + name(), sample_weight, values) * counts : counts;
  }
  if (mask && sample_weight) {
    sample_weight =
        align_weights("metric " + name(), sample_weight, values) * ops::cast(mask, values.dtype());
  }
  update_values(context, values, sample_weight);
}

void MeanMetric::update_values(CallContext& context, Value values, Value weights) {
  const Graph::Scope scope(context.graph, "metric " + name());
  values = as_floating(values);
  Value total;
  Value count;
  if (weights) {
    weights = align_weights("metric " + name(), weights, values);
    total = ops::sum(values * weights);
    count = ops::cast(ops::sum(ops::broadcast_to(weights, values.shape())), DType::Float64);
  } else {
    total = ops::sum(values);
    count =
        ops::full(context.graph, {}, static_cast<double>(values.shape().numel()), DType::Float64);
  }
  context.assign(total_, context.current(total_) + ops::cast(total, DType::Float64));
  context.assign(count_, context.current(count_) + count);
}

double MeanMetric::result() const {
  return metrics::divide_no_nan(*metrics::numbers(total_), *metrics::numbers(count_));
}

SumMetric::SumMetric(MetricHeading heading)
    : Metric(std::move(heading)), total_(add_variable("total")) {}

void SumMetric::update(CallContext&, Value, Value, Value) { takes_values(*this, "Sum"); }

void SumMetric::update_values(CallContext& context, Value values, Value weights) {
  const Graph::Scope scope(context.graph, "metric " + name());
  values = as_floating(values);
  if (weights) values = values * align_weights("metric " + name(), weights, values);
  const Value total = ops::cast(ops::sum(values), DType::Float64);
  context.assign(total_, context.current(total_) + total);
}

double SumMetric::result() const { return *metrics::numbers(total_); }

namespace metrics {

MetricPtr Mean(std::string name) { return made("Mean", NoOptions{}, name); }
MetricPtr Sum(std::string name) { return made("Sum", NoOptions{}, name); }

std::vector<MetricClass> reduction_metrics() {
  const MetricMaker mean = [](ConfigReader& reader, MetricHeading heading) {
    reader.finish();
    return std::shared_ptr<Metric>(std::make_shared<MeanMetric>(std::move(heading), nullptr));
  };
  const MetricMaker sum = [](ConfigReader& reader, MetricHeading heading) {
    reader.finish();
    return std::shared_ptr<Metric>(std::make_shared<SumMetric>(std::move(heading)));
  };
  return {{"Mean", "mean", mean}, {"Sum", "sum", sum}};
}

}  // namespace metrics
}  // namespace sinew
