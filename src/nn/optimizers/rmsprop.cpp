#include "nn/optimizers/optimizer_support.h"
#include "sinew/ops/ops.h"

namespace sinew::optimizers {
namespace {

class RMSpropRule final : public ConfiguredOptimizer<RMSpropRule, RMSpropOptions> {
 public:
  explicit RMSpropRule(const RMSpropOptions& options) : ConfiguredOptimizer(options) {
    expect_fraction(options.name, "rho", options.rho);
    expect_fraction(options.name, "momentum", options.momentum, true);
    expect_not_negative(options.name, "epsilon", options.epsilon);
  }

  std::string class_name() const override { return "RMSprop"; }

  static void fields(auto& options, auto& visit) {
    visit("rho", options.rho);
    visit("momentum", options.momentum);
    visit("epsilon", options.epsilon);
    visit("centered", options.centered);
  }

 protected:
  void build_slots(const std::vector<VariablePtr>&) override {
    add_slots({"velocity"});
    if (options().momentum > 0) add_slots({"momentum"});
    if (options().centered) add_slots({"average_gradient"});
  }

  Value update(const Rule& rule) override {
    const Value g = rule.gradient;
    const double rho = options().rho;
    const Value velocity =
        rule.assign("velocity", decaying_mean(rule.slot("velocity"), ops::square(g), rho));
    Value variance = velocity;
    if (options().centered) {
      const Value mean =
          rule.assign("average_gradient", decaying_mean(rule.slot("average_gradient"), g, rho));
      variance = velocity - ops::square(mean);
    }
    const Value step = rule.learning_rate * g / ops::sqrt(variance + options().epsilon);
    if (options().momentum == 0.0) return rule.weight - step;
    return rule.weight - rule.assign("momentum", options().momentum * rule.slot("momentum") + step);
  }
};

const RegisterConfiguredOptimizer<RMSpropRule> registered("RMSprop");

}  // namespace

OptimizerPtr RMSprop(RMSpropOptions options) { return optimizer_of<RMSpropRule>(options); }

}  // namespace sinew::optimizers
