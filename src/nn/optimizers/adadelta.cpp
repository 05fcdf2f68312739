#include "nn/optimizers/optimizer_support.h"
#include "sinew/ops/ops.h"

namespace sinew::optimizers {
namespace {

class AdadeltaRule final : public ConfiguredOptimizer<AdadeltaRule, AdadeltaOptions> {
 public:
  explicit AdadeltaRule(const AdadeltaOptions& options) : ConfiguredOptimizer(options) {
    expect_fraction(options.name, "rho", options.rho);
    expect_not_negative(options.name, "epsilon", options.epsilon);
  }

  std::string class_name() const override { return "Adadelta"; }

  static void fields(auto& options, auto& visit) {
    visit("rho", options.rho);
    visit("epsilon", options.epsilon);
  }

 protected:
  void build_slots(const std::vector<VariablePtr>&) override {
    add_slots({"accumulated_grad", "accumulated_delta_var"});
  }

  Value update(const Rule& rule) override {
    const double rho = options().rho;
    const Value squares =
        rule.assign("accumulated_grad",
                    decaying_mean(rule.slot("accumulated_grad"), ops::square(rule.gradient), rho));
    const Value old_steps = rule.slot("accumulated_delta_var");
    const Value step = root(old_steps) / root(squares) * rule.gradient;
    rule.assign("accumulated_delta_var", decaying_mean(old_steps, ops::square(step), rho));
    return rule.weight - rule.learning_rate * step;
  }

 private:
  Value root(Value squares) const { return ops::sqrt(squares + options().epsilon); }
};

const RegisterConfiguredOptimizer<AdadeltaRule> registered("Adadelta");

}  // namespace

OptimizerPtr Adadelta(AdadeltaOptions options) { return optimizer_of<AdadeltaRule>(options); }

}  // namespace sinew::optimizers
