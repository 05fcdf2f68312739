#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "sinew/graph/graph.h"

namespace sinew::ops {

/// An entry for each axis between batch and channels; empty: 1 everywhere, and no padding.
struct ConvOptions {
  std::vector<std::int64_t> strides = {};
  /// Zeros before and after: {top, bottom, left, right} for an image.
  std::vector<std::int64_t> padding = {};
  std::vector<std::int64_t> dilation = {};
  std::int64_t groups = 1;
};

/// TensorFlow's padding `same` for one axis: output ceil(input / stride), the odd cell at the end.
/// Returns {before, after}.
std::array<std::int64_t, 2> same_padding(std::int64_t input, std::int64_t kernel,
                                         std::int64_t stride, std::int64_t dilation = 1);

/// Cross-correlation, as every deep-learning library's "convolution", of sequences (N, W, C),
/// images (N, H, W, C) or volumes (N, D, H, W, C); for images y(n,i,j,o) = sum over u,v,c of x(n,
/// i*sh + u*dh - top, j*sw + v*dw - left, c) * w(u,v,c,o). w: (KH, KW, C / groups, O); y: (N, OH,
/// OW, O). Floating, one dtype. A sequence is computed as an image of one row. Errors: ShapeError
/// when channels and groups do not fit or the kernel is larger than the padded input.
Value conv(Value x, Value w, ConvOptions options = {});
/// Gradient of conv with respect to x (shape `x_shape`); also the transposed convolution.
Value conv_backward_input(Value w, Value dy, const Shape& x_shape, ConvOptions options = {});
/// Gradient of conv with respect to w (shape `w_shape`).
Value conv_backward_filter(Value x, Value dy, const Shape& w_shape, ConvOptions options = {});

}  // namespace sinew::ops
