#pragma once

#include <array>
#include <cstdint>

#include "sinew/graph/graph.h"

namespace sinew::ops {

/// Zero padding in rows and columns: {top, bottom, left, right}.
using Padding2D = std::array<std::int64_t, 4>;

struct Conv2DOptions {
  std::array<std::int64_t, 2> strides = {1, 1};
  Padding2D padding = {0, 0, 0, 0};
  std::array<std::int64_t, 2> dilation = {1, 1};
  std::int64_t groups = 1;
};

/// TensorFlow's padding `same` for one axis: output ceil(input / stride), the odd cell at the end.
/// Returns {before, after}.
std::array<std::int64_t, 2> same_padding(std::int64_t input, std::int64_t kernel,
                                         std::int64_t stride, std::int64_t dilation = 1);

/// Cross-correlation, as every deep-learning library's "convolution":
/// y(n,i,j,o) = sum over u,v,c of x(n, i*sh + u*dh - top, j*sw + v*dw - left, c) * w(u,v,c,o).
/// x: (N, H, W, C); w: (KH, KW, C / groups, O); y: (N, OH, OW, O). Floating, one dtype.
/// Errors: ShapeError when channels and groups do not fit or the kernel is larger than the padded
/// input.
Value conv2d(Value x, Value w, Conv2DOptions options = {});
/// Gradient of conv2d with respect to x (shape `x_shape`); also the transposed convolution.
Value conv2d_backward_input(Value w, Value dy, const Shape& x_shape, Conv2DOptions options = {});
/// Gradient of conv2d with respect to w (shape `w_shape`).
Value conv2d_backward_filter(Value x, Value dy, const Shape& w_shape, Conv2DOptions options = {});

}  // namespace sinew::ops
