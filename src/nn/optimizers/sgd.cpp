#include "nn/optimizers/optimizer_support.h"
#include "sinew/ops/ops.h"

namespace sinew::optimizers {
namespace {

class SGDRule final : public ConfiguredOptimizer<SGDRule, SGDOptions> {
 public:
  explicit SGDRule(const SGDOptions& options) : ConfiguredOptimizer(options) {
    expect_fraction(options.name, "momentum", options.momentum, true);
  }

  std::string class_name() const override { return "SGD"; }

  static void fields(auto& options, auto& visit) {
    visit("momentum", options.momentum);
    visit("nesterov", options.nesterov);
  }

 protected:
  void build_slots(const std::vector<VariablePtr>&) override {
    if (options().momentum != 0.0) add_slots({"momentum"});
  }

  Value update(const Rule& rule) override {
    const double momentum = options().momentum;
    const Value descent = rule.learning_rate * rule.gradient;
    if (momentum == 0.0) return rule.weight - descent;
    const Value velocity = rule.assign("momentum", momentum * rule.slot("momentum") - descent);
    return options().nesterov ? rule.weight + momentum * velocity - descent
                              : rule.weight + velocity;
  }
};

const RegisterConfiguredOptimizer<SGDRule> registered("SGD");

}  // namespace

OptimizerPtr SGD(SGDOptions options) { return optimizer_of<SGDRule>(options); }

}  // namespace sinew::optimizers
