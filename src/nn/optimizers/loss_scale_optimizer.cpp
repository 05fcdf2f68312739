#include <fmt/format.h>

#include "nn/optimizers/optimizer_support.h"
#include "sinew/base/error.h"
#include "sinew/ops/ops.h"

namespace sinew::optimizers {
namespace {

class LossScale final : public Optimizer {
 public:
  LossScale(OptimizerPtr inner, const LossScaleOptimizerOptions& options)
      : Optimizer(options.name, 0, {}),
        inner_(std::move(inner)),
        options_(options),
        step_counter_(add_variable("step_counter", DType::Int64, 0)),
        dynamic_scale_(add_variable("dynamic_scale", DType::Float32, options.initial_scale)) {
    if (!inner_) throw ValueError("optimizer LossScaleOptimizer: its inner optimizer is null");
    if (!(options.initial_scale > 0.0)) {
      throw ValueError(fmt::format("optimizer {}: initial_scale is {}; it must be positive",
                                   options.name, options.initial_scale));
    }
    if (options.dynamic_growth_steps < 1) {
      throw ValueError(
          fmt::format("optimizer {}: dynamic_growth_steps is {}; it must be at least 1",
                      options.name, options.dynamic_growth_steps));
    }
    inner_->set_loss_scale_factor({});
  }

  std::string class_name() const override { return "LossScaleOptimizer"; }

  Attributes config() const override {
    return {{"name", options_.name},
            {"inner_optimizer", inner_->identifier()},
            {"initial_scale", options_.initial_scale},
            {"dynamic_growth_steps", options_.dynamic_growth_steps}};
  }

  void build(const std::vector<VariablePtr>& weights) override { inner_->build(weights); }

  Value scale_loss(CallContext& context, Value loss) const override {
    return loss * cast_to(context.current(dynamic_scale_), loss.dtype());
  }

  void apply(CallContext& context, const std::vector<VariablePtr>& weights,
             const std::vector<Value>& gradients) override {
    build(weights);
    const Graph::Scope scope(context.graph, "optimizer " + name());
    const Value scale = context.current(dynamic_scale_);
    const Value finite = all_finite(gradients);
    std::vector<Value> slopes;
    for (const Value& gradient : gradients)
      slopes.push_back(gradient / cast_to(scale, gradient.dtype()));
    std::vector<VariablePtr> changing = inner_->variables();
    changing.insert(changing.end(), weights.begin(), weights.end());
    assign_if(context, finite, changing, [&] { inner_->apply(context, weights, slopes); });
    adapt(context, finite, scale);
  }

  double learning_rate() const override { return inner_->learning_rate(); }
  void set_learning_rate(double rate) override { inner_->set_learning_rate(rate); }
  std::int64_t iterations() const override { return inner_->iterations(); }
  std::vector<VariablePtr> variables() const override {
    std::vector<VariablePtr> all = Optimizer::variables();
    const std::vector<VariablePtr> inner = inner_->variables();
    all.insert(all.end(), inner.begin(), inner.end());
    return all;
  }

  bool uses_ema() const override { return inner_->uses_ema(); }
  void swap_moving_averages() override { inner_->swap_moving_averages(); }
  bool moving_averages_swapped() const override { return inner_->moving_averages_swapped(); }
  void set_moving_averages_swapped(bool swapped) override {
    inner_->set_moving_averages_swapped(swapped);
  }
  void finalize_variable_values() override { inner_->finalize_variable_values(); }

 protected:
  Attributes rule_config() const override { return {}; }
  void build_slots(const std::vector<VariablePtr>&) override {}
  Value update(const Rule& rule) override { return rule.weight; }

 private:
  static Value all_finite(const std::vector<Value>& gradients) {
    Value faults;
    for (const Value& gradient : gradients) {
      const Value fault = ops::logical_not(ops::is_finite(gradient));
      const Value count = ops::sum(ops::cast(fault, DType::Float32));
      faults = faults ? faults + count : count;
    }
    return ops::equal(faults, ops::zeros_like(faults));
  }

  /// The scale and the count of finite steps after this one.
  void adapt(CallContext& context, Value finite, Value scale) {
    const Value count = context.current(step_counter_);
    const Value last = ops::equal(
        count, ops::scalar_like(count, static_cast<double>(options_.dynamic_growth_steps - 1)));
    const Value zero = ops::zeros_like(count);
    const Value next_count = ops::where(last, zero, count + ops::ones_like(count));
    context.assign(step_counter_, ops::where(finite, next_count, zero));
    const Value next_scale = ops::where(last, scale * 2.0, scale);
    context.assign(dynamic_scale_, ops::where(finite, next_scale, scale * 0.5));
  }

  OptimizerPtr inner_;
  LossScaleOptimizerOptions options_;
  /// Steps with finite gradients since the scale changed.
  VariablePtr step_counter_;
  VariablePtr dynamic_scale_;
};

const RegisterOptimizer registered("LossScaleOptimizer", [](ConfigReader& reader) {
  LossScaleOptimizerOptions options;
  std::string inner;
  reader.required("inner_optimizer", inner);
  reader("initial_scale", options.initial_scale);
  reader("dynamic_growth_steps", options.dynamic_growth_steps);
  reader("name", options.name);
  reader.finish();
  return LossScaleOptimizer(OptimizerPtr(inner), options);
});

}  // namespace

OptimizerPtr LossScaleOptimizer(OptimizerPtr inner_optimizer, LossScaleOptimizerOptions options) {
  return std::shared_ptr<Optimizer>(
      std::make_shared<LossScale>(std::move(inner_optimizer), std::move(options)));
}

}  // namespace sinew::optimizers
