#pragma once

#include "sinew/nn/metrics/metric.h"

namespace sinew::metrics {

// The losses of these names as metrics: means over all samples.

MetricPtr MeanSquaredError(std::string name = "mean_squared_error");
MetricPtr MeanAbsoluteError(std::string name = "mean_absolute_error");
MetricPtr MeanAbsolutePercentageError(std::string name = "mean_absolute_percentage_error");
MetricPtr MeanSquaredLogarithmicError(std::string name = "mean_squared_logarithmic_error");
/// The loss LogCosh.
MetricPtr LogCoshError(std::string name = "logcosh");

/// Square root of the mean over all samples of the squared error.
MetricPtr RootMeanSquaredError(std::string name = "root_mean_squared_error");
/// Mean cosine of the angle between y_true and y_pred: 1 where they point the same way.
MetricPtr CosineSimilarity(int axis = -1, std::string name = "cosine_similarity");
/// Mean over samples of the correlation of y_true and y_pred along an axis.
MetricPtr PearsonCorrelation(int axis = -1, std::string name = "pearson_correlation");
/// The same of Lin's concordance correlation (1989), as Keras computes it.
MetricPtr ConcordanceCorrelation(int axis = -1, std::string name = "concordance_correlation");

struct R2ScoreOptions {
  /// "uniform_average", "variance_weighted_average", or "none" for one result an output.
  std::string class_aggregation = "uniform_average";
  /// Independent variables of an adjusted score; 0 for the plain one.
  std::int64_t num_regressors = 0;
};
/// The share of the variance of y_true (N, outputs) that y_pred explains.
MetricPtr R2Score(R2ScoreOptions options = {}, std::string name = "r2_score");

}  // namespace sinew::metrics
