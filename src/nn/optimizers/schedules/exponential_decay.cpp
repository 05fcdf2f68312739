#include "nn/optimizers/schedules/schedule_support.h"
#include "sinew/ops/ops.h"

namespace sinew::optimizers::schedules {
namespace {

class ExponentialDecaySchedule final : public ConfiguredSchedule<ExponentialDecaySchedule> {
 public:
  double initial_learning_rate = 0;
  std::int64_t decay_steps = 0;
  double decay_rate = 0;
  ExponentialDecayOptions options;

  std::string class_name() const override { return "ExponentialDecay"; }

  static void fields(auto& self, auto& visit) {
    visit.required("initial_learning_rate", self.initial_learning_rate);
    visit.required("decay_steps", self.decay_steps);
    visit.required("decay_rate", self.decay_rate);
    visit("staircase", self.options.staircase);
    visit("name", self.options.name);
  }

  void check() const override { expect_positive_steps(*this, "decay_steps", decay_steps); }

  Value operator()(Value step) const override {
    Value periods = step / static_cast<double>(decay_steps);
    if (options.staircase) periods = ops::floor(periods);
    return initial_learning_rate * ops::pow(ops::scalar_like(step, decay_rate), periods);
  }
};

const RegisterConfiguredSchedule<ExponentialDecaySchedule> registered("ExponentialDecay");

}  // namespace

SchedulePtr ExponentialDecay(double initial_learning_rate, std::int64_t decay_steps,
                             double decay_rate, ExponentialDecayOptions options) {
  const auto schedule = std::make_shared<ExponentialDecaySchedule>();
  schedule->initial_learning_rate = initial_learning_rate;
  schedule->decay_steps = decay_steps;
  schedule->decay_rate = decay_rate;
  schedule->options = std::move(options);
  return finish(schedule);
}

}  // namespace sinew::optimizers::schedules
