#pragma once

#include "sinew/graph/graph.h"

namespace sinew::ops {

struct BatchNorm {
  /// (…, C), as x.
  Value y;
  /// (C,), of the batch; the variance is biased.
  Value mean;
  Value variance;
};
/// y = gamma (x - mean) / sqrt(variance + epsilon) + beta with the mean and variance of x over all
/// axes but the last (Ioffe and Szegedy 2015). x: (…, C), of two axes or more; gamma, beta: (C,);
/// floating, one dtype. Errors: ShapeError or DTypeError when they do not fit.
BatchNorm batch_norm(Value x, Value gamma, Value beta, double epsilon = 1e-3);

}  // namespace sinew::ops
