#pragma once

#include "sinew/graph/graph.h"

/// Formulas that losses, metrics, regularizers and constraints share.
namespace sinew {

/// Keras's backend epsilon: how far probabilities stay from 0 and 1, and divisors from 0.
constexpr double kEpsilon = 1e-7;

/// x over its Euclidean length along an axis; lengths below kEpsilon count as that.
Value normalize(Value x, int axis);

/// Labels of 0 and 1 drawn towards 1/2: y (1 - s) + s / 2.
Value smooth_flags(Value y, double smoothing);

/// One-hot labels drawn towards the uniform distribution: y (1 - s) + s / classes, where the
/// classes are the last axis's extent.
Value smooth_classes(Value y, double smoothing);

}  // namespace sinew
