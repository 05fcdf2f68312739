#pragma once

#include <utility>

#include "nn/optimizers/schedules/schedule_support.h"
#include "sinew/ops/ops.h"

namespace sinew::optimizers::schedules {

/// Base of schedules that follow the number of periods passed, with `staircase` the whole ones
/// only: `Derived::rate_after(periods)` gives the rate.
template <typename Derived, typename Options>
class PeriodicDecay : public ConfiguredSchedule<Derived> {
 public:
  double initial_learning_rate = 0;
  std::int64_t decay_steps = 0;
  double decay_rate = 0;
  Options options;

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
    return static_cast<const Derived&>(*this).rate_after(periods);
  }

  static SchedulePtr make(double initial_learning_rate, std::int64_t decay_steps, double decay_rate,
                          Options options) {
    const auto schedule = std::make_shared<Derived>();
    schedule->initial_learning_rate = initial_learning_rate;
    schedule->decay_steps = decay_steps;
    schedule->decay_rate = decay_rate;
    schedule->options = std::move(options);
    return finish(schedule);
  }
};

}  // namespace sinew::optimizers::schedules
