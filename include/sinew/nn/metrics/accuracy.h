#pragma once

#include "sinew/nn/metrics/metric.h"

namespace sinew::metrics {

/// Share of elements with y_pred == y_true. As text "Accuracy(name=\"accuracy\")": the bare word
/// stands for whichever accuracy fits the shapes.
MetricPtr Accuracy(std::string name = "accuracy");
/// Share of elements with (y_pred > threshold) == y_true.
MetricPtr BinaryAccuracy(double threshold = 0.5, std::string name = "binary_accuracy");
/// Share of samples whose largest y_true and largest y_pred are at the same place.
MetricPtr CategoricalAccuracy(std::string name = "categorical_accuracy");
/// Share of samples whose largest y_pred is at the class number y_true.
MetricPtr SparseCategoricalAccuracy(std::string name = "sparse_categorical_accuracy");
/// Share of samples whose true class is among the k largest of y_pred.
MetricPtr TopKCategoricalAccuracy(std::int64_t k = 5,
                                  std::string name = "top_k_categorical_accuracy");
/// The same for class numbers. With `from_sorted_ids` y_pred holds class numbers too, the likeliest
/// first.
MetricPtr SparseTopKCategoricalAccuracy(std::int64_t k = 5,
                                        std::string name = "sparse_top_k_categorical_accuracy",
                                        bool from_sorted_ids = false);

}  // namespace sinew::metrics
