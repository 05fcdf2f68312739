#include "nn/optimizers/optimizer_support.h"
#include "sinew/ops/ops.h"

namespace sinew::optimizers {
namespace {

class SGDRule final : public Optimizer {
 public:
  explicit SGDRule(const SGDOptions& options)
      : Optimizer(options.name, options.learning_rate, common_of(options)), options_(options) {
    expect_fraction(options.name, "momentum", options.momentum, true);
  }

  std::string class_name() const override { return "SGD"; }

 protected:
  Attributes rule_config() const override {
    return {{"momentum", options_.momentum}, {"nesterov", options_.nesterov}};
  }

  std::vector<std::string> slot_names() const override {
    if (options_.momentum == 0.0) return {};
    return {"momentum"};
  }

  Value update(const Rule& rule) override {
    const Value descent = rule.learning_rate * rule.gradient;
    if (options_.momentum == 0.0) return rule.weight - descent;
    const Value velocity = options_.momentum * rule.context.current(rule.slots[0]) - descent;
    rule.context.assign(rule.slots[0], velocity);
    return options_.nesterov ? rule.weight + options_.momentum * velocity - descent
                             : rule.weight + velocity;
  }

 private:
  SGDOptions options_;
};

const RegisterOptimizer registered("SGD", [](ConfigReader& reader) {
  SGDOptions options;
  reader("momentum", options.momentum);
  reader("nesterov", options.nesterov);
  read_common(reader, options);
  return SGD(options);
});

}  // namespace

OptimizerPtr SGD(SGDOptions options) {
  return std::shared_ptr<Optimizer>(std::make_shared<SGDRule>(options));
}

}  // namespace sinew::optimizers
