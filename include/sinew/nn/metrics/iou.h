#pragma once

#include <optional>

#include "sinew/nn/metrics/metric.h"

/// Intersection over union of classes: true positives over everything that is or is predicted to be
/// of the class; the mean over those classes that occur. Elements of classes that do not exist are
/// left out.
namespace sinew::metrics {

struct IoUOptions {
  std::optional<std::int64_t> ignore_class = {};
  /// Whether y_true and y_pred hold class numbers, or one number a class along `axis`.
  bool sparse_y_true = true;
  bool sparse_y_pred = true;
  int axis = -1;
  /// As Keras counts: sample weights are cut to whole numbers unless this is a floating type.
  DType dtype = DType::Int32;
};
MetricPtr IoU(std::int64_t num_classes, std::vector<std::int64_t> target_class_ids,
              IoUOptions options = {}, std::string name = "io_u");
/// Of all classes.
MetricPtr MeanIoU(std::int64_t num_classes, IoUOptions options = {},
                  std::string name = "mean_io_u");

struct BinaryIoUOptions {
  std::vector<std::int64_t> target_class_ids = {0, 1};
  /// y_pred is 1 from there on.
  double threshold = 0.5;
  DType dtype = DType::Int32;
};
MetricPtr BinaryIoU(BinaryIoUOptions options = {}, std::string name = "binary_io_u");

struct OneHotIoUOptions {
  std::optional<std::int64_t> ignore_class = {};
  bool sparse_y_pred = false;
  int axis = -1;
  DType dtype = DType::Int32;
};
/// With one-hot y_true.
MetricPtr OneHotIoU(std::int64_t num_classes, std::vector<std::int64_t> target_class_ids,
                    OneHotIoUOptions options = {}, std::string name = "one_hot_io_u");
MetricPtr OneHotMeanIoU(std::int64_t num_classes, OneHotIoUOptions options = {},
                        std::string name = "one_hot_mean_io_u");

}  // namespace sinew::metrics
