#include <fmt/format.h>

#include <cmath>

#include "nn/optimizers/schedules/schedule_support.h"
#include "sinew/base/error.h"
#include "sinew/ops/ops.h"

namespace sinew::optimizers::schedules {
namespace {

class CosineDecayRestartsSchedule final : public ConfiguredSchedule<CosineDecayRestartsSchedule> {
 public:
  double initial_learning_rate = 0;
  std::int64_t first_decay_steps = 0;
  CosineDecayRestartsOptions options;

  std::string class_name() const override { return "CosineDecayRestarts"; }

  static void fields(auto& self, auto& visit) {
    visit.required("initial_learning_rate", self.initial_learning_rate);
    visit.required("first_decay_steps", self.first_decay_steps);
    visit("t_mul", self.options.t_mul);
    visit("m_mul", self.options.m_mul);
    visit("alpha", self.options.alpha);
    visit("name", self.options.name);
  }

  void check() const override {
    expect_positive_steps(*this, "first_decay_steps", first_decay_steps);
    if (!(options.t_mul > 0.0)) {
      throw ValueError(fmt::format("schedule CosineDecayRestarts: t_mul is {}; it must be positive",
                                   options.t_mul));
    }
  }

  Value operator()(Value step) const override {
    // In first periods; then the whole periods passed, and how far the present one is.
    const Value time = step / static_cast<double>(first_decay_steps);
    Value periods;
    Value fraction;
    if (options.t_mul == 1.0) {
      periods = ops::floor(time);
      fraction = time - periods;
    } else {
      const double t = options.t_mul;
      // A period that ends with this very step has ended, whatever the logarithm's last bit.
      constexpr double kRounding = 1e-9;
      periods = ops::floor(ops::log(1.0 - time * (1.0 - t)) / std::log(t) + kRounding);
      const Value length = ops::pow(ops::scalar_like(step, t), periods);
      fraction = (time - (1.0 - length) / (1.0 - t)) / length;
    }
    const Value height = ops::pow(ops::scalar_like(step, options.m_mul), periods);
    const double alpha = options.alpha;
    return initial_learning_rate * ((1.0 - alpha) * (height * half_cosine(fraction)) + alpha);
  }
};

const RegisterConfiguredSchedule<CosineDecayRestartsSchedule> registered("CosineDecayRestarts");

}  // namespace

SchedulePtr CosineDecayRestarts(double initial_learning_rate, std::int64_t first_decay_steps,
                                CosineDecayRestartsOptions options) {
  const auto schedule = std::make_shared<CosineDecayRestartsSchedule>();
  schedule->initial_learning_rate = initial_learning_rate;
  schedule->first_decay_steps = first_decay_steps;
  schedule->options = std::move(options);
  return finish(schedule);
}

}  // namespace sinew::optimizers::schedules
