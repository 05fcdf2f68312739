#include <fmt/format.h>

#include <cmath>

#include "nn/optimizers/optimizer_support.h"
#include "sinew/base/error.h"
#include "sinew/ops/ops.h"

namespace sinew::optimizers {
namespace {

class AdamRule final : public Optimizer {
 public:
  explicit AdamRule(const AdamOptions& options)
      : Optimizer(options.name, options.learning_rate, common_of(options)), options_(options) {
    expect_fraction(options.name, "beta_1", options.beta_1);
    expect_fraction(options.name, "beta_2", options.beta_2);
    if (!(options.epsilon >= 0.0)) {
      throw ValueError(fmt::format("optimizer {}: epsilon is {}; it must not be negative",
                                   options.name, options.epsilon));
    }
  }

  std::string class_name() const override { return "Adam"; }

 protected:
  Attributes rule_config() const override {
    return {{"beta_1", options_.beta_1},
            {"beta_2", options_.beta_2},
            {"epsilon", options_.epsilon},
            {"amsgrad", options_.amsgrad}};
  }

  std::vector<std::string> slot_names() const override {
    if (options_.amsgrad) return {"momentum", "velocity", "velocity_hat"};
    return {"momentum", "velocity"};
  }

  Value update(const Rule& rule) override {
    const Value old_momentum = rule.context.current(rule.slots[0]);
    const Value old_velocity = rule.context.current(rule.slots[1]);
    const Value g = rule.gradient;
    const Value rate = rule.learning_rate * ops::sqrt(one_minus_power(options_.beta_2, rule.step)) /
                       one_minus_power(options_.beta_1, rule.step);
    const Value momentum = old_momentum + (g - old_momentum) * (1.0 - options_.beta_1);
    const Value velocity = old_velocity + (ops::square(g) - old_velocity) * (1.0 - options_.beta_2);
    rule.context.assign(rule.slots[0], momentum);
    rule.context.assign(rule.slots[1], velocity);
    Value denominator = velocity;
    if (options_.amsgrad) {
      denominator = ops::maximum(rule.context.current(rule.slots[2]), velocity);
      rule.context.assign(rule.slots[2], denominator);
    }
    return rule.weight - momentum * rate / (ops::sqrt(denominator) + options_.epsilon);
  }

 private:
  /// 1 - beta^t. Written as -expm1(t log beta), because the difference of two numbers near 1 keeps
  /// few digits in float32.
  static Value one_minus_power(double beta, Value step) {
    if (beta == 0.0) return ops::scalar_like(step, 1.0);
    return -ops::expm1(step * std::log(beta));
  }

  AdamOptions options_;
};

const RegisterOptimizer registered("Adam", [](ConfigReader& reader) {
  AdamOptions options;
  reader("beta_1", options.beta_1);
  reader("beta_2", options.beta_2);
  reader("epsilon", options.epsilon);
  reader("amsgrad", options.amsgrad);
  read_common(reader, options);
  return Adam(options);
});

}  // namespace

OptimizerPtr Adam(AdamOptions options) {
  return std::shared_ptr<Optimizer>(std::make_shared<AdamRule>(options));
}

}  // namespace sinew::optimizers
