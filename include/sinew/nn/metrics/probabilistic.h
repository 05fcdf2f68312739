#pragma once

#include "sinew/nn/losses/probabilistic.h"
#include "sinew/nn/metrics/metric.h"

/// The losses of these names as metrics: means over all samples, whatever their `reduction`.
namespace sinew::metrics {

MetricPtr BinaryCrossentropy(losses::CrossentropyOptions options = {},
                             std::string name = "binary_crossentropy");
MetricPtr CategoricalCrossentropy(losses::CrossentropyOptions options = {},
                                  std::string name = "categorical_crossentropy");
/// Samples of `ignore_class` are left out where there are sample weights and count as 0 otherwise,
/// as in Keras.
MetricPtr SparseCategoricalCrossentropy(losses::SparseCrossentropyOptions options = {},
                                        std::string name = "sparse_categorical_crossentropy");
MetricPtr KLDivergence(std::string name = "kl_divergence");
MetricPtr Poisson(std::string name = "poisson");

}  // namespace sinew::metrics
