#include "sinew/model/learning_rate_finder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "model/state.h"
#include "sinew/base/error.h"
#include "sinew/io/plot.h"
#include "sinew/model/callback.h"

namespace sinew {
namespace {

/// Everything that steps change, as it was when kept, until its end.
class Kept {
 public:
  explicit Kept(Model& model) : model_(model) {}
  ~Kept() {
    for (const auto& [variable, value] : values_) variable->assign(value);
    model_.set_stop_training(false);
  }
  Kept(const Kept&) = delete;
  Kept& operator=(const Kept&) = delete;

  void keep() {
    const model::State& state = *model_.state();
    const model::Training& training = state.compiled_training();
    for (const auto& variables :
         {state.weights(), training.optimizer_variables(), training.accumulators(),
          std::vector<VariablePtr>{state.seed, state.step}}) {
      for (const VariablePtr& variable : variables)
        values_.emplace_back(variable, variable->value());
    }
  }

 private:
  Model& model_;
  std::vector<std::pair<VariablePtr, Tensor>> values_;
};

/// Sets each step's rate, takes down its loss, and ends the training.
class RangeTest : public Callback {
 public:
  RangeTest(const FindLearningRateArguments& arguments, Kept& kept, LearningRateRange& range)
      : arguments_(arguments), kept_(kept), range_(range) {}

  /// Only now does an optimizer that has not trained yet have its slots.
  void on_train_begin() override { kept_.keep(); }

  void on_train_batch_begin(int) override {
    const double share =
        static_cast<double>(range_.rates.size()) / std::max(1, arguments_.steps - 1);
    const double rate = arguments_.start * std::pow(arguments_.end / arguments_.start, share);
    model().set_learning_rate(rate);
    range_.rates.push_back(rate);
    // The results are then this batch's alone.
    model().reset_metrics();
  }

  void on_train_batch_end(int, const Logs& logs) override {
    const double loss = logs["loss"];
    range_.losses.push_back(loss);
    // A moving average without the pull of its start (Kingma and Ba 2015, section 3).
    weight_ = arguments_.smoothing * weight_ + (1 - arguments_.smoothing);
    sum_ = arguments_.smoothing * sum_ + (1 - arguments_.smoothing) * loss;
    const double average = sum_ / weight_;
    least_ = std::min(least_, average);
    range_.diverged = !std::isfinite(loss) || average > arguments_.divergence * least_;
    if (range_.diverged || range_.losses.size() == static_cast<std::size_t>(arguments_.steps))
      model().set_stop_training(true);
  }

 private:
  const FindLearningRateArguments& arguments_;
  Kept& kept_;
  LearningRateRange& range_;
  double sum_ = 0;
  double weight_ = 0;
  double least_ = std::numeric_limits<double>::infinity();
};

/// Each value as the mean of all, the nearer the weightier: without the lag that a moving average
/// has, by which the steepest place would come too late.
std::vector<double> smoothed(const std::vector<double>& values, double smoothing) {
  std::vector<double> result;
  for (std::size_t i = 0; i < values.size(); ++i) {
    double sum = 0, weights = 0;
    for (std::size_t j = 0; j < values.size(); ++j) {
      if (!std::isfinite(values[j])) continue;
      const auto distance = static_cast<double>(i > j ? i - j : j - i);
      const double weight = std::pow(smoothing, distance);
      sum += weight * values[j];
      weights += weight;
    }
    result.push_back(sum / weights);
  }
  return result;
}

std::optional<double> steepest(const LearningRateRange& range) {
  const std::vector<double>& losses = range.smoothed;
  std::optional<double> found;
  double slope = 0;
  // The rates are at equal distances in their logarithm.
  for (std::size_t i = 1; i + 1 < losses.size(); ++i) {
    const double here = losses[i + 1] - losses[i - 1];
    if (here < slope) slope = here, found = range.rates[i];
  }
  return found;
}

void check(const FindLearningRateArguments& arguments) {
  if (!(arguments.start > 0 && arguments.end > arguments.start && std::isfinite(arguments.end))) {
    throw ValueError(fmt::format(
        "find_learning_rate: rates from {} to {}; give two numbers above 0, the smaller first",
        arguments.start, arguments.end));
  }
  if (arguments.steps < 3) {
    throw ValueError(
        fmt::format("find_learning_rate: steps is {}; at least 3 are needed", arguments.steps));
  }
  if (!(arguments.smoothing >= 0 && arguments.smoothing < 1)) {
    throw ValueError(fmt::format("find_learning_rate: smoothing is {}; it must be in [0, 1)",
                                 arguments.smoothing));
  }
  if (!(arguments.divergence > 1)) {
    throw ValueError(fmt::format("find_learning_rate: divergence is {}; it must be above 1",
                                 arguments.divergence));
  }
}

}  // namespace

LearningRateRange find_learning_rate(Model& model, const TensorList& x, const TensorList& y,
                                     const FindLearningRateArguments& arguments) {
  check(arguments);
  LearningRateRange range;
  {
    Kept kept(model);
    FitArguments fit{.epochs = arguments.steps, .batch_size = arguments.batch_size, .verbose = 0};
    fit.callbacks = {std::make_shared<RangeTest>(arguments, kept, range)};
    fit.sample_weight = arguments.sample_weight;
    fit.seed = arguments.seed;
    model.fit(x, y, fit);
  }
  range.smoothed = smoothed(range.losses, arguments.smoothing);
  range.suggestion = steepest(range);
  return range;
}

void plot_learning_rates(const std::string& path, const LearningRateRange& range) {
  // Where it diverges the loss leaves the picture, or the fall before could not be seen.
  double highest = std::numeric_limits<double>::infinity();
  if (range.suggestion) {
    const auto least = std::min_element(range.smoothed.begin(), range.smoothed.end());
    const double before = *std::max_element(range.smoothed.begin(), least + 1);
    highest = before + (before - *least);
  }
  const auto visible = [&](std::vector<double> losses) {
    for (double& loss : losses)
      if (loss > highest) loss = std::numeric_limits<double>::quiet_NaN();
    return losses;
  };
  io::Panel panel{.title = "Loss while the rate grows",
                  .x_label = "learning rate",
                  .y_label = "loss",
                  .series = {{"a batch's", visible(range.losses), range.rates},
                             {"smoothed", visible(range.smoothed), range.rates}},
                  .log_x = true,
                  .marked = range.suggestion};
  io::plot_curves(path, {panel});
}

}  // namespace sinew
