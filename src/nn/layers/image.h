#pragma once

#include "nn/layers/layer_support.h"
#include "sinew/ops/conv.h"

/// Windows that slide over images: what convolution and pooling layers share.
namespace sinew::layers {

inline std::array<std::int64_t, 2> pair(Size2D size) { return {size.rows, size.columns}; }

/// Zero padding for "valid" (none) or "same", for windows of `kernel` cells over x (N, rows,
/// columns, channels).
ops::Padding2D window_padding(const std::string& padding, const Shape& x, Size2D kernel,
                              Size2D strides, Size2D dilation = {1, 1});

/// Puts the name of a padding in lower case, as Keras does; throws ValueError unless it is "valid"
/// or "same".
void expect_padding(const Layer& layer, std::string& padding);

/// Throws ShapeError naming both sizes when a "valid" window is larger than the image.
void expect_window_fits(const Layer& layer, const std::string& padding, const Shape& x,
                        Size2D kernel, Size2D dilation = {1, 1});

/// Both extents at least 1.
void expect_positive(const Layer& layer, const char* option, Size2D size);

}  // namespace sinew::layers
