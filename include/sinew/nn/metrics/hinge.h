#pragma once

#include "sinew/nn/metrics/metric.h"

/// The losses of these names as metrics: means over all samples.
namespace sinew::metrics {

MetricPtr Hinge(std::string name = "hinge");
MetricPtr SquaredHinge(std::string name = "squared_hinge");
MetricPtr CategoricalHinge(std::string name = "categorical_hinge");

}  // namespace sinew::metrics
