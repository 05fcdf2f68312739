#pragma once

#include "sinew/graph/graph.h"

namespace sinew::ops {

/// Uniform numbers in [0, 1) of the given shape and floating dtype. Philox 4x32-10 keyed by the
/// Int64 scalars `seed` and `step` and by `stream`, which tells the ops of a program apart: the
/// same numbers for every number of threads.
Value random_uniform(Value seed, Value step, std::int64_t stream, const Shape& shape,
                     DType dtype = DType::Float32);

/// Numbers of the standard normal distribution, keyed in the same way: pairs of uniform ones by Box
/// and Muller's transform (1958).
Value random_normal(Value seed, Value step, std::int64_t stream, const Shape& shape,
                    DType dtype = DType::Float32);

}  // namespace sinew::ops
