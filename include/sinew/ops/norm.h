#pragma once

#include "sinew/graph/graph.h"

namespace sinew::ops {

/// (x - mean) / sqrt(variance + epsilon) * gamma + beta with mean and biased variance of each row
/// (Ba et al. 2016, equation 3): x (…, C) floating; gamma and beta (C), each undefined for none;
/// result of x's shape. Errors: ShapeError when gamma or beta do not fit the rows.
Value layer_norm(Value x, Value gamma = {}, Value beta = {}, double epsilon = 1e-3);

}  // namespace sinew::ops
