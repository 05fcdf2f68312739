#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "sinew/graph/graph.h"

namespace sinew {

/// A learning rate as a function of the training step, part of the step's graph.
class LearningRateSchedule {
 public:
  virtual ~LearningRateSchedule() = default;

  /// Keras's class name, such as "CosineDecay".
  virtual std::string class_name() const = 0;
  /// Constructor arguments under Keras's names. Absent means None.
  virtual Attributes config() const = 0;
  /// The rate of a step, both Float64 scalars; the first step is 0.
  virtual Value operator()(Value step) const = 0;

  /// The rate of a step as a number.
  double at(std::int64_t step) const;
  /// class_name() and config() as text that SchedulePtr reads.
  std::string identifier() const;
};

/// A shared schedule: an object of sinew::optimizers::schedules, or an identifier such as
/// "CosineDecay(initial_learning_rate=0.1, decay_steps=1000)".
class SchedulePtr : public std::shared_ptr<const LearningRateSchedule> {
 public:
  using std::shared_ptr<const LearningRateSchedule>::shared_ptr;
  SchedulePtr(std::shared_ptr<const LearningRateSchedule> schedule)
      : std::shared_ptr<const LearningRateSchedule>(std::move(schedule)) {}
  /// Throws ValueError naming the nearest known schedule, or the nearest argument.
  SchedulePtr(const char* identifier) : SchedulePtr(std::string(identifier)) {}
  SchedulePtr(const std::string& identifier);
};

/// The schedule of a class name from its config; throws as SchedulePtr.
SchedulePtr make_schedule(const std::string& class_name, const Attributes& config);

/// What an optimizer's `learning_rate` takes: a number or a schedule.
class LearningRate {
 public:
  template <typename Number>
  requires std::is_arithmetic_v<Number> LearningRate(Number rate)
      : rate_(static_cast<double>(rate)) {}
  LearningRate(SchedulePtr schedule) : schedule_(std::move(schedule)) {}
  LearningRate(const char* schedule) : schedule_(schedule) {}

  /// Null where the rate is a number.
  const SchedulePtr& schedule() const { return schedule_; }
  double rate() const { return rate_; }

 private:
  double rate_ = 0;
  SchedulePtr schedule_;
};

namespace optimizers::schedules {

struct ExponentialDecayOptions {
  /// Decays in steps of decay_steps instead of continuously.
  bool staircase = false;
  std::string name = "ExponentialDecay";
};
/// initial_learning_rate * decay_rate ^ (step / decay_steps).
SchedulePtr ExponentialDecay(double initial_learning_rate, std::int64_t decay_steps,
                             double decay_rate, ExponentialDecayOptions options = {});

struct InverseTimeDecayOptions {
  bool staircase = false;
  std::string name = "InverseTimeDecay";
};
/// initial_learning_rate / (1 + decay_rate * step / decay_steps).
SchedulePtr InverseTimeDecay(double initial_learning_rate, std::int64_t decay_steps,
                             double decay_rate, InverseTimeDecayOptions options = {});

struct PiecewiseConstantDecayOptions {
  std::string name = "PiecewiseConstant";
};
/// values[0] up to and including step boundaries[0], values[i] after boundaries[i - 1]. Boundaries
/// rise; there is one value more than there are boundaries.
SchedulePtr PiecewiseConstantDecay(std::vector<std::int64_t> boundaries, std::vector<double> values,
                                   PiecewiseConstantDecayOptions options = {});

struct PolynomialDecayOptions {
  double end_learning_rate = 0.0001;
  double power = 1.0;
  /// Begins anew after decay_steps, over twice, three times … as many steps.
  bool cycle = false;
  std::string name = "PolynomialDecay";
};
/// From initial_learning_rate to end_learning_rate by (1 - step / decay_steps) ^ power.
SchedulePtr PolynomialDecay(double initial_learning_rate, std::int64_t decay_steps,
                            PolynomialDecayOptions options = {});

struct CosineDecayOptions {
  /// The least rate, as a share of the one that decays.
  double alpha = 0.0;
  std::string name = "CosineDecay";
  /// Where given, the rate first rises from initial_learning_rate to this in warmup_steps, then
  /// decays from it.
  std::optional<double> warmup_target = {};
  std::int64_t warmup_steps = 0;
};
/// Half a cosine from initial_learning_rate to alpha times it in decay_steps (Loshchilov and Hutter
/// 2017, without restarts).
SchedulePtr CosineDecay(double initial_learning_rate, std::int64_t decay_steps,
                        CosineDecayOptions options = {});

struct CosineDecayRestartsOptions {
  /// Each period is so many times as long as the one before it.
  double t_mul = 2.0;
  /// Each period begins at so many times the rate at which the one before it began.
  double m_mul = 1.0;
  double alpha = 0.0;
  std::string name = "SGDRDecay";
};
/// CosineDecay that begins anew after first_decay_steps, and again and again (Loshchilov and Hutter
/// 2017).
SchedulePtr CosineDecayRestarts(double initial_learning_rate, std::int64_t first_decay_steps,
                                CosineDecayRestartsOptions options = {});

}  // namespace optimizers::schedules
}  // namespace sinew
