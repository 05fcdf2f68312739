#include <fmt/format.h>

#include "nn/optimizers/optimizer_support.h"
#include "sinew/base/error.h"
#include "sinew/ops/ops.h"

namespace sinew::optimizers {
namespace {

class FtrlRule final : public ConfiguredOptimizer<FtrlRule, FtrlOptions> {
 public:
  explicit FtrlRule(const FtrlOptions& options) : ConfiguredOptimizer(options) {
    expect_not_negative(options.name, "initial_accumulator_value",
                        options.initial_accumulator_value);
    expect_not_negative(options.name, "l1_regularization_strength",
                        options.l1_regularization_strength);
    expect_not_negative(options.name, "l2_regularization_strength",
                        options.l2_regularization_strength);
    expect_not_negative(options.name, "l2_shrinkage_regularization_strength",
                        options.l2_shrinkage_regularization_strength);
    if (!(options.learning_rate_power <= 0.0)) {
      throw ValueError(
          fmt::format("optimizer {}: learning_rate_power is {}; it must not be positive",
                      options.name, options.learning_rate_power));
    }
  }

  std::string class_name() const override { return "Ftrl"; }

  static void fields(auto& options, auto& visit) {
    visit("learning_rate_power", options.learning_rate_power);
    visit("initial_accumulator_value", options.initial_accumulator_value);
    visit("l1_regularization_strength", options.l1_regularization_strength);
    visit("l2_regularization_strength", options.l2_regularization_strength);
    visit("l2_shrinkage_regularization_strength", options.l2_shrinkage_regularization_strength);
    visit("beta", options.beta);
  }

 protected:
  void build_slots(const std::vector<VariablePtr>& weights) override {
    for (std::size_t i = 0; i < weights.size(); ++i) {
      add_slot(i, "accumulator", weights[i]->shape(), options().initial_accumulator_value);
      add_slot(i, "linear", weights[i]->shape());
    }
  }

  Value update(const Rule& rule) override {
    const double l1 = options().l1_regularization_strength;
    const Value rate = rule.learning_rate;
    const Value l2 = options().l2_regularization_strength + options().beta / (2.0 * rate);
    const Value accumulator = rule.slot("accumulator");
    const Value next_accumulator =
        rule.assign("accumulator", accumulator + ops::square(rule.gradient));
    const Value powered = power(next_accumulator);
    const Value sigma = (powered - power(accumulator)) / rate;
    const Value gradient =
        rule.gradient + 2.0 * options().l2_shrinkage_regularization_strength * rule.weight;
    const Value linear =
        rule.assign("linear", rule.slot("linear") + gradient - sigma * rule.weight);
    return (ops::clip(linear, -l1, l1) - linear) / (powered / rate + 2.0 * l2);
  }

 private:
  Value power(Value accumulator) const {
    if (options().learning_rate_power == -0.5) return ops::sqrt(accumulator);
    return ops::pow(accumulator, -options().learning_rate_power);
  }
};

const RegisterConfiguredOptimizer<FtrlRule> registered("Ftrl");

}  // namespace

OptimizerPtr Ftrl(FtrlOptions options) { return optimizer_of<FtrlRule>(options); }

}  // namespace sinew::optimizers
