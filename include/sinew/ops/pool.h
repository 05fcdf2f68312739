#pragma once

#include "sinew/ops/conv.h"

namespace sinew::ops {

struct Pool2DOptions {
  std::array<std::int64_t, 2> pool_size = {2, 2};
  std::array<std::int64_t, 2> strides = {2, 2};
  Padding2D padding = {0, 0, 0, 0};
};

/// Largest element of each window; padding never wins. x: (N, H, W, C) floating. The gradient goes
/// to the first largest element of a window.
Value max_pool2d(Value x, Pool2DOptions options = {});
/// Mean of each window over the cells inside the input (padding is not counted, as in Keras).
Value average_pool2d(Value x, Pool2DOptions options = {});

}  // namespace sinew::ops
