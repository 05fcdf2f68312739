// A step of an optimizer as nodes of the step's graph. What happens in some steps only is a choice
// between the old and the new value, element by element, so that the loop that updates the weights
// stays one loop over all of them.

#include <fmt/format.h>

#include "nn/clipping.h"
#include "nn/optimizers/optimizer_support.h"
#include "sinew/base/error.h"
#include "sinew/ops/ops.h"

namespace sinew {
namespace {

/// Whether a whole number is a multiple of `period`. In Float64, which is exact up to 2^53.
Value is_multiple(Value number, std::int64_t period) {
  const Value whole = cast_to(number, DType::Float64);
  const auto divisor = static_cast<double>(period);
  return ops::equal(ops::floor(whole / divisor) * divisor, whole);
}

Value plus_one(Value count) { return count + ops::scalar_like(count, 1.0); }

}  // namespace

bool Optimizer::Rule::has(std::string_view name) const {
  for (const Slot& slot : slots) {
    if (slot.name == name) return true;
  }
  return false;
}

Value Optimizer::Rule::slot(std::string_view name) const {
  for (const Slot& slot : slots) {
    if (slot.name == name) return context.current(slot.variable);
  }
  throw InternalError(fmt::format("weight {} has no slot '{}'", variable.name(), name));
}

Value Optimizer::Rule::assign(std::string_view name, Value value) const {
  for (const Slot& slot : slots) {
    if (slot.name == name) context.assign(slot.variable, value);
  }
  return value;
}

Value Optimizer::scale_loss(CallContext& /*context*/, Value loss) const {
  return common_.loss_scale_factor ? loss * *common_.loss_scale_factor : loss;
}

void Optimizer::apply(CallContext& context, const std::vector<VariablePtr>& weights,
                      const std::vector<Value>& gradients) {
  if (weights.size() != gradients.size()) {
    throw InternalError(fmt::format("optimizer {}: {} weights but {} gradients", name_,
                                    weights.size(), gradients.size()));
  }
  build(weights);
  const Graph::Scope scope(context.graph, "optimizer " + name_);
  const Value steps = context.current(iteration_);
  const Value rate =
      schedule_ ? (*schedule_)(cast_to(steps, DType::Float64)) : context.current(learning_rate_);
  std::vector<Value> slopes = gradients;
  if (common_.loss_scale_factor) {
    for (Value& slope : slopes) slope = slope / *common_.loss_scale_factor;
  }
  Value updates = steps;
  if (const auto period = common_.gradient_accumulation_steps) {
    const Value updating = is_multiple(plus_one(steps), *period);
    updates = ops::floor(cast_to(steps, DType::Float64) / static_cast<double>(*period));
    slopes = accumulate(context, slopes, updating);
    std::vector<VariablePtr> changing = weights_;
    changing.insert(changing.end(), rule_variables_.begin(), rule_variables_.end());
    assign_if(context, updating, changing,
              [&] { update_weights(context, clip(slopes), rate, plus_one(updates)); });
  } else {
    update_weights(context, clip(slopes), rate, plus_one(updates));
  }
  if (common_.use_ema) update_averages(context, updates);
  context.assign(iteration_, plus_one(steps));
}

/// The means of the gradients since the last update, for this one.
std::vector<Value> Optimizer::accumulate(CallContext& context, const std::vector<Value>& gradients,
                                         Value updating) const {
  const auto count = static_cast<double>(*common_.gradient_accumulation_steps);
  std::vector<Value> means;
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    const Value sum = gradients[i] + context.current(accumulators_[i]);
    means.push_back(sum / count);
    context.assign(accumulators_[i], ops::where(updating, ops::zeros_like(sum), sum));
  }
  return means;
}

std::vector<Value> Optimizer::clip(const std::vector<Value>& gradients) const {
  if (common_.clipvalue) return clip_by_value(gradients, *common_.clipvalue);
  if (common_.clipnorm) return clip_by_norm(gradients, *common_.clipnorm);
  if (common_.global_clipnorm) return clip_by_global_norm(gradients, *common_.global_clipnorm);
  return gradients;
}

void Optimizer::update_weights(CallContext& context, const std::vector<Value>& gradients,
                               Value rate, Value step) {
  begin_update(context, step);
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    const Variable& weight = *weights_[i];
    Rule rule{.context = context,
              .variable = weight,
              .before_decay = context.current(weights_[i]),
              .weight = context.current(weights_[i]),
              .gradient = gradients[i],
              .learning_rate = cast_to(rate, weight.dtype()),
              .step = cast_to(step, weight.dtype()),
              .slots = slots_[i]};
    const std::optional<double> decay = weight_decay_of(weight);
    if (decay && decays(weight))
      rule.weight = rule.weight - rule.weight * (*decay * rule.learning_rate);
    context.assign(weights_[i], update(rule));
  }
}

void Optimizer::update_averages(CallContext& context, Value updates) const {
  const Value first = ops::equal(updates, ops::zeros_like(updates));
  Value overwriting;
  if (const auto period = common_.ema_overwrite_frequency)
    overwriting = is_multiple(plus_one(updates), *period);
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    const Value weight = context.current(weights_[i]);
    const Value mean = decaying_mean(context.current(averages_[i]), weight, common_.ema_momentum);
    const Value average = ops::where(first, weight, mean);
    context.assign(averages_[i], average);
    if (overwriting) context.assign(weights_[i], ops::where(overwriting, average, weight));
  }
}

}  // namespace sinew
