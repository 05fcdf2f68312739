#include "nn/optimizers/adam_step.h"

#include "sinew/ops/ops.h"

namespace sinew::optimizers {

Moments update_moments(const Optimizer::Rule& rule, double beta_1, double beta_2) {
  const Value g = rule.gradient;
  const Value momentum = rule.slot("momentum");
  const Value velocity = rule.slot("velocity");
  return {rule.assign("momentum", momentum + (g - momentum) * (1.0 - beta_1)),
          rule.assign("velocity", velocity + (ops::square(g) - velocity) * (1.0 - beta_2))};
}

Value adam_step(const Optimizer::Rule& rule, Value learning_rate, const AdamArguments& arguments) {
  const Moments moments = update_moments(rule, arguments.beta_1, arguments.beta_2);
  const Value rate = learning_rate * ops::sqrt(one_minus_power(arguments.beta_2, rule.step)) /
                     one_minus_power(arguments.beta_1, rule.step);
  Value denominator = moments.velocity;
  if (rule.has("velocity_hat")) {
    denominator = rule.assign("velocity_hat", ops::maximum(rule.slot("velocity_hat"), denominator));
  }
  return rule.weight - moments.momentum * rate / (ops::sqrt(denominator) + arguments.epsilon);
}

}  // namespace sinew::optimizers
