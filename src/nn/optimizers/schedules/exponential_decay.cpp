#include "nn/optimizers/schedules/periodic_decay.h"

namespace sinew::optimizers::schedules {
namespace {

class ExponentialDecaySchedule final
    : public PeriodicDecay<ExponentialDecaySchedule, ExponentialDecayOptions> {
 public:
  std::string class_name() const override { return "ExponentialDecay"; }

  Value rate_after(Value periods) const {
    return initial_learning_rate * ops::pow(ops::scalar_like(periods, decay_rate), periods);
  }
};

const RegisterConfiguredSchedule<ExponentialDecaySchedule> registered("ExponentialDecay");

}  // namespace

SchedulePtr ExponentialDecay(double initial_learning_rate, std::int64_t decay_steps,
                             double decay_rate, ExponentialDecayOptions options) {
  return ExponentialDecaySchedule::make(initial_learning_rate, decay_steps, decay_rate,
                                        std::move(options));
}

}  // namespace sinew::optimizers::schedules
