#include "nn/optimizers/optimizer_support.h"
#include "sinew/base/error.h"
#include "sinew/ops/ops.h"

namespace sinew::optimizers {
namespace {

class ScheduleFreeAdamWRule final
    : public ConfiguredOptimizer<ScheduleFreeAdamWRule, ScheduleFreeAdamWOptions> {
 public:
  explicit ScheduleFreeAdamWRule(const ScheduleFreeAdamWOptions& options)
      : ConfiguredOptimizer(options) {
    expect_fraction(options.name, "beta_1", options.beta_1);
    if (options.beta_1 == 0.0) {
      throw ValueError("optimizer " + options.name + ": beta_1 is 0; the rule divides by it");
    }
    expect_fraction(options.name, "beta_2", options.beta_2);
    expect_not_negative(options.name, "epsilon", options.epsilon);
    expect_not_negative(options.name, "warmup_steps", static_cast<double>(options.warmup_steps));
  }

  std::string class_name() const override { return "ScheduleFreeAdamW"; }

  static void fields(auto& options, auto& visit) {
    visit("beta_1", options.beta_1);
    visit("beta_2", options.beta_2);
    visit("epsilon", options.epsilon);
    visit("warmup_steps", options.warmup_steps);
  }

 protected:
  void build_slots(const std::vector<VariablePtr>&) override {
    add_slots({"momentum", "velocity"});
  }

  Value update(const Rule& rule) override {
    const double beta_1 = options().beta_1;
    const double beta_2 = options().beta_2;
    Value rate = rule.learning_rate;
    if (options().warmup_steps > 0) {
      const auto steps = static_cast<double>(options().warmup_steps);
      rate = rate * ops::minimum(rule.step / steps, 1.0);
    }
    // z begins where the weight stands before its first step, whatever has set it since build().
    const Value first = ops::equal(rule.step, ops::ones_like(rule.step));
    const Value z = ops::where(first, rule.before_decay, rule.slot("momentum"));
    const Value x = (rule.weight - (1.0 - beta_1) * z) / beta_1;
    const Value old_velocity = rule.slot("velocity");
    const Value velocity = rule.assign(
        "velocity", old_velocity + (ops::square(rule.gradient) - old_velocity) * (1.0 - beta_2));
    const Value deviation = ops::sqrt(velocity / one_minus_power(beta_2, rule.step));
    const Value next_z =
        rule.assign("momentum", z - rate * rule.gradient / (deviation + options().epsilon));
    const Value share = 1.0 / rule.step;
    const Value next_x = (1.0 - share) * x + share * next_z;
    return (1.0 - beta_1) * next_z + beta_1 * next_x;
  }
};

const RegisterConfiguredOptimizer<ScheduleFreeAdamWRule> registered("ScheduleFreeAdamW");

}  // namespace

OptimizerPtr ScheduleFreeAdamW(ScheduleFreeAdamWOptions options) {
  return optimizer_of<ScheduleFreeAdamWRule>(options);
}

}  // namespace sinew::optimizers
