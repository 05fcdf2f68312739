#include <fmt/format.h>

#include "nn/optimizers/optimizer_support.h"
#include "sinew/base/error.h"
#include "sinew/ops/ops.h"

namespace sinew::optimizers {
namespace {

class LionRule final : public ConfiguredOptimizer<LionRule, LionOptions> {
 public:
  explicit LionRule(const LionOptions& options) : ConfiguredOptimizer(options) {
    if (!(options.beta_1 > 0.0 && options.beta_1 <= 1.0)) {
      throw ValueError(fmt::format(
          "optimizer {}: beta_1 is {}; it must be above 0 and at most 1, or only the gradients' "
          "signs would count",
          options.name, options.beta_1));
    }
    expect_fraction(options.name, "beta_2", options.beta_2, true);
  }

  std::string class_name() const override { return "Lion"; }

  static void fields(auto& options, auto& visit) {
    visit("beta_1", options.beta_1);
    visit("beta_2", options.beta_2);
  }

 protected:
  void build_slots(const std::vector<VariablePtr>&) override { add_slots({"momentum"}); }

  Value update(const Rule& rule) override {
    const Value momentum = rule.slot("momentum");
    rule.assign("momentum", decaying_mean(momentum, rule.gradient, options().beta_2));
    const Value direction = decaying_mean(momentum, rule.gradient, options().beta_1);
    return rule.weight - rule.learning_rate * ops::sign(direction);
  }
};

const RegisterConfiguredOptimizer<LionRule> registered("Lion");

}  // namespace

OptimizerPtr Lion(LionOptions options) { return optimizer_of<LionRule>(options); }

}  // namespace sinew::optimizers
