#include <fmt/format.h>

#include <algorithm>

#include "nn/optimizers/schedules/schedule_support.h"
#include "sinew/base/error.h"
#include "sinew/ops/ops.h"

namespace sinew::optimizers::schedules {
namespace {

class PiecewiseConstantDecaySchedule final
    : public ConfiguredSchedule<PiecewiseConstantDecaySchedule> {
 public:
  std::vector<std::int64_t> boundaries;
  std::vector<double> values;
  PiecewiseConstantDecayOptions options;

  std::string class_name() const override { return "PiecewiseConstantDecay"; }

  static void fields(auto& self, auto& visit) {
    visit.required("boundaries", self.boundaries);
    visit.required("values", self.values);
    visit("name", self.options.name);
  }

  void check() const override {
    if (boundaries.empty() || boundaries.size() + 1 != values.size()) {
      throw ValueError(fmt::format(
          "schedule PiecewiseConstantDecay: {} boundaries and {} values were given; it takes one "
          "value more than boundaries, and at least one of those",
          boundaries.size(), values.size()));
    }
    if (!std::is_sorted(boundaries.begin(), boundaries.end())) {
      throw ValueError("schedule PiecewiseConstantDecay: its boundaries do not rise");
    }
  }

  Value operator()(Value step) const override {
    Value rate = ops::scalar_like(step, values[0]);
    for (std::size_t i = 0; i < boundaries.size(); ++i) {
      const Value passed = ops::greater(step, static_cast<double>(boundaries[i]));
      rate = ops::where(passed, ops::scalar_like(step, values[i + 1]), rate);
    }
    return rate;
  }
};

const RegisterConfiguredSchedule<PiecewiseConstantDecaySchedule> registered(
    "PiecewiseConstantDecay");

}  // namespace

SchedulePtr PiecewiseConstantDecay(std::vector<std::int64_t> boundaries, std::vector<double> values,
                                   PiecewiseConstantDecayOptions options) {
  const auto schedule = std::make_shared<PiecewiseConstantDecaySchedule>();
  schedule->boundaries = std::move(boundaries);
  schedule->values = std::move(values);
  schedule->options = std::move(options);
  return finish(schedule);
}

}  // namespace sinew::optimizers::schedules
