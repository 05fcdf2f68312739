#include "sinew/nn/metrics.h"

#include <fmt/format.h>

#include "nn/targets.h"
#include "sinew/base/error.h"
#include "sinew/ops/ops.h"

namespace sinew {

VariablePtr Metric::add_variable(const std::string& name, DType dtype, Shape shape) {
  variables_.push_back(std::make_shared<Variable>(name_ + "/" + name, dtype, std::move(shape)));
  return variables_.back();
}

void Metric::reset() {
  for (const VariablePtr& variable : variables_)
    variable->assign(Tensor(variable->shape(), variable->dtype()));
}

MeanMetric::MeanMetric(std::string name) : MeanMetric(std::move(name), nullptr, {"Mean"}) {}

MeanMetric::MeanMetric(std::string name, Function values, Identifier identifier)
    : Metric(std::move(name)),
      values_(std::move(values)),
      identifier_(std::move(identifier)),
      total_(add_variable("total")),
      count_(add_variable("count")) {}

std::string MeanMetric::identifier() const {
  if (identifier_.name.empty()) {
    throw ValueError(fmt::format(
        "metric {} is a function of Values and cannot be saved; use a named one", name()));
  }
  return identifier_.str();
}

void MeanMetric::update(CallContext& context, Value y_true, Value y_pred, Value sample_weight) {
  if (!values_)
    throw ValueError(fmt::format("metric {}: Mean takes values, not y_true and y_pred", name()));
  Value values;
  {
    const Graph::Scope scope(context.graph, "metric " + name());
    values = values_(y_true, y_pred);
  }
  update_values(context, values, sample_weight);
}

void MeanMetric::update_values(CallContext& context, Value values, Value weights) {
  const Graph::Scope scope(context.graph, "metric " + name());
  if (!is_floating(values.dtype())) values = ops::cast(values, DType::Float32);
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
  // Scalars have one layout: read in place, since this runs after every step, where nothing is
  // allocated.
  const double total = *static_cast<const double*>(total_->data());
  const double count = *static_cast<const double*>(count_->data());
  return count == 0.0 ? 0.0 : total / count;
}

}  // namespace sinew
