#include "nn/optimizers/optimizer_support.h"
#include "sinew/ops/ops.h"

namespace sinew::optimizers {
namespace {

class AdamaxRule final : public ConfiguredOptimizer<AdamaxRule, AdamaxOptions> {
 public:
  explicit AdamaxRule(const AdamaxOptions& options) : ConfiguredOptimizer(options) {
    expect_fraction(options.name, "beta_1", options.beta_1);
    expect_fraction(options.name, "beta_2", options.beta_2);
    expect_not_negative(options.name, "epsilon", options.epsilon);
  }

  std::string class_name() const override { return "Adamax"; }

  static void fields(auto& options, auto& visit) {
    visit("beta_1", options.beta_1);
    visit("beta_2", options.beta_2);
    visit("epsilon", options.epsilon);
  }

 protected:
  void build_slots(const std::vector<VariablePtr>&) override { add_slots({"momentum", "norm"}); }

  Value update(const Rule& rule) override {
    const Value g = rule.gradient;
    const Value old = rule.slot("momentum");
    const Value momentum = rule.assign("momentum", old + (g - old) * (1.0 - options().beta_1));
    const Value norm =
        rule.assign("norm", ops::maximum(options().beta_2 * rule.slot("norm"), ops::abs(g)));
    const Value rate = rule.learning_rate / one_minus_power(options().beta_1, rule.step);
    return rule.weight - rate * momentum / (norm + options().epsilon);
  }
};

const RegisterConfiguredOptimizer<AdamaxRule> registered("Adamax");

}  // namespace

OptimizerPtr Adamax(AdamaxOptions options) { return optimizer_of<AdamaxRule>(options); }

}  // namespace sinew::optimizers
