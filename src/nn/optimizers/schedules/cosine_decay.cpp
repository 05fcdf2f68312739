#include "nn/optimizers/schedules/schedule_support.h"
#include "sinew/ops/ops.h"

namespace sinew::optimizers::schedules {
namespace {

class CosineDecaySchedule final : public ConfiguredSchedule<CosineDecaySchedule> {
 public:
  double initial_learning_rate = 0;
  std::int64_t decay_steps = 0;
  CosineDecayOptions options;

  std::string class_name() const override { return "CosineDecay"; }

  static void fields(auto& self, auto& visit) {
    visit.required("initial_learning_rate", self.initial_learning_rate);
    visit.required("decay_steps", self.decay_steps);
    visit("alpha", self.options.alpha);
    visit("warmup_target", self.options.warmup_target);
    visit("warmup_steps", self.options.warmup_steps);
    visit("name", self.options.name);
  }

  void check() const override {
    expect_positive_steps(*this, "decay_steps", decay_steps);
    if (options.warmup_steps < 0)
      expect_positive_steps(*this, "warmup_steps", options.warmup_steps);
  }

  Value operator()(Value step) const override {
    const auto steps = static_cast<double>(decay_steps);
    if (!options.warmup_target) {
      return initial_learning_rate * decay(ops::minimum(step, steps) / steps);
    }
    const auto warmup = static_cast<double>(options.warmup_steps);
    const double target = *options.warmup_target;
    const Value decaying = target * decay(ops::minimum(step - warmup, steps) / steps);
    if (options.warmup_steps == 0) return decaying;
    const Value rising = initial_learning_rate + (target - initial_learning_rate) * (step / warmup);
    return ops::where(ops::less(step, ops::scalar_like(step, warmup)), rising, decaying);
  }

 private:
  Value decay(Value fraction) const {
    return (1.0 - options.alpha) * half_cosine(fraction) + options.alpha;
  }
};

const RegisterConfiguredSchedule<CosineDecaySchedule> registered("CosineDecay");

}  // namespace

SchedulePtr CosineDecay(double initial_learning_rate, std::int64_t decay_steps,
                        CosineDecayOptions options) {
  const auto schedule = std::make_shared<CosineDecaySchedule>();
  schedule->initial_learning_rate = initial_learning_rate;
  schedule->decay_steps = decay_steps;
  schedule->options = std::move(options);
  return finish(schedule);
}

}  // namespace sinew::optimizers::schedules
