#pragma once

#include "sinew/graph/graph.h"

namespace sinew::ops {

/// An entry for each axis between batch and channels.
struct PoolOptions {
  /// Empty: 2 everywhere.
  std::vector<std::int64_t> pool_size = {};
  /// Empty: the pool size, so that windows do not overlap.
  std::vector<std::int64_t> strides = {};
  /// Cells before and after, fewer than the window's: {top, bottom, left, right} for an image.
  /// Empty: none.
  std::vector<std::int64_t> padding = {};
};

/// Largest element of each window; padding never wins. x: sequences (N, W, C), images (N, H, W, C)
/// or volumes (N, D, H, W, C), floating. The gradient goes to the first largest element of a
/// window. A sequence is computed as an image of one row; a volume image by image and then along D.
Value max_pool(Value x, PoolOptions options = {});
/// Mean of each window over the cells inside the input (padding is not counted, as in Keras).
Value average_pool(Value x, PoolOptions options = {});

}  // namespace sinew::ops
