#pragma once

#include <functional>
#include <memory>
#include <string>

#include "nn/config.h"
#include "sinew/nn/optimizers/schedules.h"

/// What all of Sinew's own schedules share: one list of arguments a schedule (its template
/// `fields(self, visit)`) serves config() and make_schedule().
namespace sinew {

/// Makes a schedule known by its class name, before main() runs.
class RegisterSchedule {
 public:
  using Factory = std::function<SchedulePtr(ConfigReader&)>;
  RegisterSchedule(const std::string& class_name, Factory factory);
};

/// Base of schedules whose arguments are listed by `Derived::fields`.
template <typename Derived>
class ConfiguredSchedule : public LearningRateSchedule {
 public:
  /// Throws ValueError when arguments are out of range.
  virtual void check() const {}

  Attributes config() const final {
    ConfigWriter writer;
    Derived::fields(static_cast<const Derived&>(*this), writer);
    return writer.take();
  }
};

/// Checks a schedule whose arguments are set.
template <typename Derived>
SchedulePtr finish(const std::shared_ptr<Derived>& schedule) {
  schedule->check();
  return std::shared_ptr<const LearningRateSchedule>(schedule);
}

/// Registers a ConfiguredSchedule.
template <typename Derived>
class RegisterConfiguredSchedule : public RegisterSchedule {
 public:
  explicit RegisterConfiguredSchedule(const std::string& class_name)
      : RegisterSchedule(class_name, [](ConfigReader& reader) {
          const auto schedule = std::make_shared<Derived>();
          Derived::fields(*schedule, reader);
          reader.finish();
          return finish(schedule);
        }) {}
};

/// Throws ValueError unless the option is positive.
void expect_positive_steps(const LearningRateSchedule& schedule, const char* option,
                           std::int64_t steps);

/// (1 + cos(pi * fraction)) / 2: from 1 at 0 to 0 at 1.
Value half_cosine(Value fraction);

}  // namespace sinew
