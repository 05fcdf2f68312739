#include "nn/optimizers/schedules/schedule_support.h"
#include "sinew/ops/ops.h"

namespace sinew::optimizers::schedules {
namespace {

class PolynomialDecaySchedule final : public ConfiguredSchedule<PolynomialDecaySchedule> {
 public:
  double initial_learning_rate = 0;
  std::int64_t decay_steps = 0;
  PolynomialDecayOptions options;

  std::string class_name() const override { return "PolynomialDecay"; }

  static void fields(auto& self, auto& visit) {
    visit.required("initial_learning_rate", self.initial_learning_rate);
    visit.required("decay_steps", self.decay_steps);
    visit("end_learning_rate", self.options.end_learning_rate);
    visit("power", self.options.power);
    visit("cycle", self.options.cycle);
    visit("name", self.options.name);
  }

  void check() const override { expect_positive_steps(*this, "decay_steps", decay_steps); }

  Value operator()(Value step) const override {
    const auto period = static_cast<double>(decay_steps);
    Value fraction;
    if (options.cycle) {
      fraction = step / (ops::maximum(ops::ceil(step / period), 1.0) * period);
    } else {
      fraction = ops::minimum(step, period) / period;
    }
    const double end = options.end_learning_rate;
    return (initial_learning_rate - end) * ops::pow(1.0 - fraction, options.power) + end;
  }
};

const RegisterConfiguredSchedule<PolynomialDecaySchedule> registered("PolynomialDecay");

}  // namespace

SchedulePtr PolynomialDecay(double initial_learning_rate, std::int64_t decay_steps,
                            PolynomialDecayOptions options) {
  const auto schedule = std::make_shared<PolynomialDecaySchedule>();
  schedule->initial_learning_rate = initial_learning_rate;
  schedule->decay_steps = decay_steps;
  schedule->options = std::move(options);
  return finish(schedule);
}

}  // namespace sinew::optimizers::schedules
