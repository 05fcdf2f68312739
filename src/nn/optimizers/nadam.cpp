#include <cmath>

#include "nn/optimizers/adam_step.h"
#include "sinew/ops/ops.h"

namespace sinew::optimizers {
namespace {

class NadamRule final : public ConfiguredOptimizer<NadamRule, NadamOptions> {
 public:
  explicit NadamRule(const NadamOptions& options) : ConfiguredOptimizer(options) {
    expect_fraction(options.name, "beta_1", options.beta_1);
    expect_fraction(options.name, "beta_2", options.beta_2);
    expect_not_negative(options.name, "epsilon", options.epsilon);
  }

  std::string class_name() const override { return "Nadam"; }

  static void fields(auto& options, auto& visit) {
    visit("beta_1", options.beta_1);
    visit("beta_2", options.beta_2);
    visit("epsilon", options.epsilon);
  }

 protected:
  void build_slots(const std::vector<VariablePtr>& weights) override {
    add_slots({"momentum", "velocity"});
    product_ = add_variable("u_product", weights.empty() ? DType::Float32 : weights[0]->dtype(), 1);
  }

  void begin_update(CallContext& context, Value step) override {
    context.assign(product_,
                   context.current(product_) * coefficient(cast_to(step, product_->dtype())));
  }

  Value update(const Rule& rule) override {
    const Value u = coefficient(rule.step);
    const Value next_u = coefficient(rule.step + 1.0);
    const Value product = cast_to(rule.context.current(product_), rule.weight.dtype());
    const Moments moments = update_moments(rule, options().beta_1, options().beta_2);
    const Value momentum = next_u / (1.0 - product * next_u) * moments.momentum +
                           (1.0 - u) / (1.0 - product) * rule.gradient;
    const Value velocity = moments.velocity / one_minus_power(options().beta_2, rule.step);
    return rule.weight - momentum * rule.learning_rate / (ops::sqrt(velocity) + options().epsilon);
  }

 private:
  /// Of the momentum at a step (Dozat 2016, section 3.2, with Keras's constants).
  Value coefficient(Value step) const {
    constexpr double kDecay = 0.96;
    return options().beta_1 * (1.0 - 0.5 * ops::exp(step * std::log(kDecay)));
  }

  /// The coefficients' product up to this step.
  VariablePtr product_;
};

const RegisterConfiguredOptimizer<NadamRule> registered("Nadam");

}  // namespace

OptimizerPtr Nadam(NadamOptions options) { return optimizer_of<NadamRule>(options); }

}  // namespace sinew::optimizers
