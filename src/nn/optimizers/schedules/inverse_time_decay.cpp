#include "nn/optimizers/schedules/periodic_decay.h"

namespace sinew::optimizers::schedules {
namespace {

class InverseTimeDecaySchedule final
    : public PeriodicDecay<InverseTimeDecaySchedule, InverseTimeDecayOptions> {
 public:
  std::string class_name() const override { return "InverseTimeDecay"; }

  Value rate_after(Value periods) const {
    return initial_learning_rate / (1.0 + decay_rate * periods);
  }
};

const RegisterConfiguredSchedule<InverseTimeDecaySchedule> registered("InverseTimeDecay");

}  // namespace

SchedulePtr InverseTimeDecay(double initial_learning_rate, std::int64_t decay_steps,
                             double decay_rate, InverseTimeDecayOptions options) {
  return InverseTimeDecaySchedule::make(initial_learning_rate, decay_steps, decay_rate,
                                        std::move(options));
}

}  // namespace sinew::optimizers::schedules
