#pragma once

#include <optional>

#include "sinew/nn/metrics/metric.h"

namespace sinew::metrics {

struct F1ScoreOptions {
  /// "micro" counts all classes together, "macro" takes the mean over classes, "weighted" weighs
  /// them by how many they have; "" gives one result a class.
  std::string average = {};
  /// What is above it is predicted; without one, a row's largest.
  std::optional<double> threshold = {};
};
/// The harmonic mean of precision and recall: y_true and y_pred (N, classes).
MetricPtr F1Score(F1ScoreOptions options = {}, std::string name = "f1_score");

struct FBetaScoreOptions {
  std::string average = {};
  /// How much more recall counts than precision.
  double beta = 1.0;
  std::optional<double> threshold = {};
};
MetricPtr FBetaScore(FBetaScoreOptions options = {}, std::string name = "fbeta_score");

}  // namespace sinew::metrics
