#include "sinew/nn/metrics/metric.h"

#include <fmt/format.h>

#include "sinew/base/error.h"

namespace sinew {

std::string Metric::identifier() const {
  if (heading_.identifier.name.empty()) {
    throw ValueError(fmt::format(
        "metric {} is a function of Values and cannot be saved; use a named one", name()));
  }
  return heading_.identifier.str();
}

VariablePtr Metric::add_variable(const std::string& name, DType dtype, Shape shape) {
  variables_.push_back(
      std::make_shared<Variable>(this->name() + "/" + name, dtype, std::move(shape)));
  return variables_.back();
}

void Metric::reset() {
  for (const VariablePtr& variable : variables_)
    variable->assign(Tensor(variable->shape(), variable->dtype()));
}

Tensor Metric::results() const {
  const std::int64_t count = result_count();
  Tensor all(count == 1 ? Shape{} : Shape{count}, DType::Float64);
  for (std::int64_t i = 0; i < count; ++i)
    all.data<double>()[static_cast<std::size_t>(i)] = result_at(i);
  return all;
}

double VectorMetric::result() const {
  if (result_count() != 1) {
    throw ValueError(fmt::format("metric {} has {} results, not one: ask for results()", name(),
                                 result_count()));
  }
  return result_at(0);
}

}  // namespace sinew
