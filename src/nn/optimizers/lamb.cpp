#include "nn/optimizers/adam_step.h"
#include "sinew/ops/ops.h"

namespace sinew::optimizers {
namespace {

class LambRule final : public ConfiguredOptimizer<LambRule, LambOptions> {
 public:
  explicit LambRule(const LambOptions& options) : ConfiguredOptimizer(options) {
    expect_fraction(options.name, "beta_1", options.beta_1);
    expect_fraction(options.name, "beta_2", options.beta_2);
    expect_not_negative(options.name, "epsilon", options.epsilon);
  }

  std::string class_name() const override { return "Lamb"; }

  static void fields(auto& options, auto& visit) {
    visit("beta_1", options.beta_1);
    visit("beta_2", options.beta_2);
    visit("epsilon", options.epsilon);
  }

 protected:
  void build_slots(const std::vector<VariablePtr>&) override {
    add_slots({"momentum", "velocity"});
  }

  Value update(const Rule& rule) override {
    const Moments moments = update_moments(rule, options().beta_1, options().beta_2);
    const Value momentum = moments.momentum / one_minus_power(options().beta_1, rule.step);
    const Value velocity = moments.velocity / one_minus_power(options().beta_2, rule.step);
    const Value step = momentum / (ops::sqrt(velocity) + options().epsilon);
    const Value weight_norm = norm(rule.weight);
    const Value step_norm = norm(step);
    const Value one = ops::ones_like(step_norm);
    const Value both = ops::logical_and(ops::greater(weight_norm, 0), ops::greater(step_norm, 0));
    const Value ratio = ops::where(both, weight_norm / step_norm, one);
    return rule.weight - ratio * rule.learning_rate * step;
  }

 private:
  static Value norm(Value x) { return ops::sqrt(ops::sum(ops::square(x))); }
};

const RegisterConfiguredOptimizer<LambRule> registered("Lamb");

}  // namespace

OptimizerPtr Lamb(LambOptions options) { return optimizer_of<LambRule>(options); }

}  // namespace sinew::optimizers
