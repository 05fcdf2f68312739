#include "nn/optimizers/adam_step.h"

namespace sinew::optimizers {
namespace {

class AdamWRule final : public ConfiguredOptimizer<AdamWRule, AdamWOptions> {
 public:
  explicit AdamWRule(const AdamWOptions& options) : ConfiguredOptimizer(options) {
    expect_fraction(options.name, "beta_1", options.beta_1);
    expect_fraction(options.name, "beta_2", options.beta_2);
    expect_not_negative(options.name, "epsilon", options.epsilon);
  }

  std::string class_name() const override { return "AdamW"; }

  static void fields(auto& options, auto& visit) {
    visit("beta_1", options.beta_1);
    visit("beta_2", options.beta_2);
    visit("epsilon", options.epsilon);
    visit("amsgrad", options.amsgrad);
  }

 protected:
  void build_slots(const std::vector<VariablePtr>&) override {
    add_slots({"momentum", "velocity"});
    if (options().amsgrad) add_slots({"velocity_hat"});
  }

  Value update(const Rule& rule) override {
    return adam_step(rule, rule.learning_rate,
                     {options().beta_1, options().beta_2, options().epsilon});
  }
};

const RegisterConfiguredOptimizer<AdamWRule> registered("AdamW");

}  // namespace

OptimizerPtr AdamW(AdamWOptions options) { return optimizer_of<AdamWRule>(options); }

}  // namespace sinew::optimizers
