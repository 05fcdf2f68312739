#pragma once

#include <optional>

#include "sinew/nn/metrics/metric.h"

/// Metrics of what lies above a threshold: y_true is 0 or not, y_pred a score of the same shape,
/// and each element counts for itself. What is counted is how many positives and negatives lie
/// between one threshold and the next; with evenly spaced thresholds a score's place among them is
/// computed as Keras does, in y_pred's dtype.
namespace sinew::metrics {

/// One result a threshold; without any, 0.5.
struct ThresholdOptions {
  std::vector<double> thresholds = {};
};
/// (Weighted) numbers of elements.
MetricPtr TruePositives(ThresholdOptions options = {}, std::string name = "true_positives");
MetricPtr TrueNegatives(ThresholdOptions options = {}, std::string name = "true_negatives");
MetricPtr FalsePositives(ThresholdOptions options = {}, std::string name = "false_positives");
MetricPtr FalseNegatives(ThresholdOptions options = {}, std::string name = "false_negatives");

struct PrecisionOptions {
  /// One result a threshold; without any, 0.5, or none at all where there is a top_k.
  std::vector<double> thresholds = {};
  /// Only the k largest scores of a row can be positive.
  std::optional<std::int64_t> top_k = {};
  /// Looks at this column only.
  std::optional<std::int64_t> class_id = {};
};
/// The share of predicted positives that are.
MetricPtr Precision(PrecisionOptions options = {}, std::string name = "precision");
/// The share of positives that are predicted.
MetricPtr Recall(PrecisionOptions options = {}, std::string name = "recall");

struct AtOptions {
  std::int64_t num_thresholds = 200;
  std::optional<std::int64_t> class_id = {};
};
/// The best of one figure over all thresholds at which another is at least as given.
MetricPtr SensitivityAtSpecificity(double specificity, AtOptions options = {},
                                   std::string name = "sensitivity_at_specificity");
MetricPtr SpecificityAtSensitivity(double sensitivity, AtOptions options = {},
                                   std::string name = "specificity_at_sensitivity");
MetricPtr PrecisionAtRecall(double recall, AtOptions options = {},
                            std::string name = "precision_at_recall");
MetricPtr RecallAtPrecision(double precision, AtOptions options = {},
                            std::string name = "recall_at_precision");

struct AUCOptions {
  /// Evenly spaced over [0, 1], unless there are `thresholds`.
  std::int64_t num_thresholds = 200;
  /// "ROC", "PR" (precision over recall) or "PRGAIN" (Flach and Kull 2015).
  std::string curve = "ROC";
  /// "interpolation" (trapezoids; for PR, Davis and Goadrich 2006), "minoring" or "majoring".
  std::string summation_method = "interpolation";
  /// In (0, 1), in addition to both ends.
  std::vector<double> thresholds = {};
  /// The mean of the areas of each column of y_pred (N, labels), in place of one area of all
  /// elements.
  bool multi_label = false;
  std::optional<std::int64_t> num_labels = {};
  /// What each column counts.
  std::vector<double> label_weights = {};
  /// y_pred is put through a sigmoid first.
  bool from_logits = false;
};
/// Area under a curve, as Keras computes it: a Riemann sum over the thresholds.
MetricPtr AUC(AUCOptions options = {}, std::string name = "auc");

}  // namespace sinew::metrics
