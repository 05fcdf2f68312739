#include "nn/optimizers/optimizer_support.h"

#include <fmt/format.h>

#include <cmath>
#include <regex>

#include "sinew/base/error.h"
#include "sinew/ops/ops.h"

namespace sinew {

std::optional<AttributeValue> to_attribute(const LearningRate& value) {
  if (value.schedule()) return value.schedule()->identifier();
  return value.rate();
}

bool from_attribute(const AttributeValue& value, LearningRate& into) {
  if (const auto* identifier = std::get_if<std::string>(&value)) {
    into = SchedulePtr(*identifier);
    return true;
  }
  double rate = 0;
  if (!from_attribute(value, rate)) return false;
  into = rate;
  return true;
}

void expect_fraction(const std::string& optimizer, const char* option, double value, bool closed) {
  if (!(value >= 0.0 && (closed ? value <= 1.0 : value < 1.0))) {
    throw ValueError(fmt::format("optimizer {}: {} is {}; it must be at least 0 and {} 1",
                                 optimizer, option, value, closed ? "at most" : "below"));
  }
}

void expect_not_negative(const std::string& optimizer, const char* option, double value) {
  if (!(value >= 0.0)) {
    throw ValueError(
        fmt::format("optimizer {}: {} is {}; it must not be negative", optimizer, option, value));
  }
}

Value one_minus_power(double beta, Value step) {
  if (beta == 0.0) return ops::scalar_like(step, 1.0);
  return -ops::expm1(step * std::log(beta));
}

Value cast_to(Value value, DType dtype) {
  return value.dtype() == dtype ? value : ops::cast(value, dtype);
}

Value decaying_mean(Value average, Value value, double rate) {
  return rate * average + (1.0 - rate) * value;
}

void assign_if(CallContext& context, Value condition, const std::vector<VariablePtr>& variables,
               const std::function<void()>& body) {
  std::vector<Value> before;
  for (const VariablePtr& variable : variables) before.push_back(context.current(variable));
  body();
  for (std::size_t i = 0; i < variables.size(); ++i) {
    const Value now = context.current(variables[i]);
    if (now.id() != before[i].id())
      context.assign(variables[i], ops::where(condition, now, before[i]));
  }
}

bool found_in(const std::string& pattern, const std::string& text) {
  try {
    return std::regex_search(text, std::regex(pattern));
  } catch (const std::regex_error& error) {
    throw ValueError(fmt::format("'{}' is not a regular expression: {}", pattern, error.what()));
  }
}

}  // namespace sinew
