#include "nn/optimizers/optimizer_support.h"
#include "sinew/ops/ops.h"

namespace sinew::optimizers {
namespace {

class AdagradRule final : public ConfiguredOptimizer<AdagradRule, AdagradOptions> {
 public:
  explicit AdagradRule(const AdagradOptions& options) : ConfiguredOptimizer(options) {
    expect_not_negative(options.name, "initial_accumulator_value",
                        options.initial_accumulator_value);
    expect_not_negative(options.name, "epsilon", options.epsilon);
  }

  std::string class_name() const override { return "Adagrad"; }

  static void fields(auto& options, auto& visit) {
    visit("initial_accumulator_value", options.initial_accumulator_value);
    visit("epsilon", options.epsilon);
  }

 protected:
  void build_slots(const std::vector<VariablePtr>&) override {
    add_slots({"accumulator"}, options().initial_accumulator_value);
  }

  Value update(const Rule& rule) override {
    const Value accumulator =
        rule.assign("accumulator", rule.slot("accumulator") + ops::square(rule.gradient));
    return rule.weight -
           rule.learning_rate * rule.gradient / ops::sqrt(accumulator + options().epsilon);
  }
};

const RegisterConfiguredOptimizer<AdagradRule> registered("Adagrad");

}  // namespace

OptimizerPtr Adagrad(AdagradOptions options) { return optimizer_of<AdagradRule>(options); }

}  // namespace sinew::optimizers
