#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sinew/model/model.h"

namespace sinew {

struct FindLearningRateArguments {
  double start = 1e-7;
  double end = 10;
  /// Between which the rate grows by the same factor at each.
  int steps = 100;
  std::int64_t batch_size = 32;
  /// Of neighbouring losses, the weight of each against the one before: 0 takes them as they are.
  double smoothing = 0.8;
  /// The test ends where the loss is so many times the least that there was.
  double divergence = 4;
  TensorList sample_weight = {};
  /// Of the order of the rows, as fit()'s.
  std::optional<std::int64_t> seed = {};
};

/// What the range test saw, a value a step.
struct LearningRateRange {
  std::vector<double> rates;
  /// Of each step's batch.
  std::vector<double> losses;
  std::vector<double> smoothed;
  bool diverged = false;
  /// Where the smoothed loss falls most steeply; none when it does not fall.
  std::optional<double> suggestion;
};

/// The learning-rate range test (Smith 2017, "Cyclical learning rates for training neural
/// networks", section 3.3): trains for a moment with a rate that grows exponentially, and tells at
/// which the loss falls most steeply. Afterwards weights, optimizer, metrics and counters are as
/// they were. Throws ValueError where a schedule sets the rate, and what fit() throws.
LearningRateRange find_learning_rate(Model& model, const TensorList& x, const TensorList& y,
                                     const FindLearningRateArguments& arguments = {});

/// Draws the loss over the rates, with the suggestion marked: SVG where the path ends in .svg,
/// otherwise PNG. Throws FileError.
void plot_learning_rates(const std::string& path, const LearningRateRange& range);

}  // namespace sinew
