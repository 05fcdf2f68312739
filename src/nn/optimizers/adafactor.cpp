#include <fmt/format.h>

#include "nn/optimizers/optimizer_support.h"
#include "sinew/base/error.h"
#include "sinew/ops/ops.h"

namespace sinew::optimizers {
namespace {

class AdafactorRule final : public ConfiguredOptimizer<AdafactorRule, AdafactorOptions> {
 public:
  explicit AdafactorRule(const AdafactorOptions& options) : ConfiguredOptimizer(options) {
    expect_not_negative(options.name, "epsilon_1", options.epsilon_1);
    expect_not_negative(options.name, "epsilon_2", options.epsilon_2);
    if (!(options.clip_threshold > 0.0)) {
      throw ValueError(fmt::format("optimizer {}: clip_threshold is {}; it must be positive",
                                   options.name, options.clip_threshold));
    }
  }

  std::string class_name() const override { return "Adafactor"; }

  static void fields(auto& options, auto& visit) {
    visit("beta_2_decay", options.beta_2_decay);
    visit("epsilon_1", options.epsilon_1);
    visit("epsilon_2", options.epsilon_2);
    visit("clip_threshold", options.clip_threshold);
    visit("relative_step", options.relative_step);
  }

 protected:
  void build_slots(const std::vector<VariablePtr>& weights) override {
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const Shape& shape = weights[i]->shape();
      const bool factored = shape.rank() >= 2;
      // Keras keeps unused scalars for vectors: so the variables' numbers in files agree.
      add_slot(i, "rows", factored ? without(shape, -1) : Shape{});
      add_slot(i, "columns", factored ? without(shape, -2) : Shape{});
      add_slot(i, "velocity", shape);
    }
  }

  Value update(const Rule& rule) override {
    // relative_step makes no difference, as in Keras: the rate is bounded here in any case.
    const Value rate = ops::minimum(rule.learning_rate, ops::rsqrt(rule.step));
    const Value size = ops::maximum(root_mean_square(rule.weight), options().epsilon_2) * rate;
    const Value velocity = rule.assign("velocity", next_velocity(rule));
    const Value step = rule.gradient / ops::sqrt(velocity);
    const Value excess = ops::maximum(root_mean_square(step) / options().clip_threshold, 1.0);
    return rule.weight - size / excess * step;
  }

 private:
  static Shape without(const Shape& shape, int axis) {
    std::vector<std::int64_t> dims = shape.dims();
    dims.erase(dims.end() + axis);
    return Shape(dims);
  }
  static Value root_mean_square(Value x) { return ops::sqrt(ops::mean(ops::square(x))); }

  Value next_velocity(const Rule& rule) const {
    const Value squares = ops::square(rule.gradient) + options().epsilon_1;
    const Value keep = 1.0 - ops::pow(rule.step, options().beta_2_decay);
    const auto mean = [&](Value average, Value value) {
      return keep * average + (1.0 - keep) * value;
    };
    if (rule.weight.rank() < 2) return mean(rule.slot("velocity"), squares);
    const Value rows = rule.assign("rows", mean(rule.slot("rows"), ops::mean(squares, {-1})));
    const Value columns =
        rule.assign("columns", mean(rule.slot("columns"), ops::mean(squares, {-2})));
    const Value shares = rows / ops::mean(rows, {-1}, true);
    return ops::expand_dims(shares, -1) * ops::expand_dims(columns, -2);
  }
};

const RegisterConfiguredOptimizer<AdafactorRule> registered("Adafactor");

}  // namespace

OptimizerPtr Adafactor(AdafactorOptions options) { return optimizer_of<AdafactorRule>(options); }

}  // namespace sinew::optimizers
