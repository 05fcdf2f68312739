#pragma once

#include "sinew/nn/activations.h"
#include "sinew/nn/layer.h"
#include "sinew/nn/layers/options.h"

namespace sinew::layers {

struct Conv2DOptions {
  Size2D strides = {1, 1};
  /// "valid": no padding. "same": zeros so that the output has ceil(input / stride) cells, the odd
  /// one at the end.
  std::string padding = "valid";
  Size2D dilation_rate = {1, 1};
  std::int64_t groups = 1;
  ActivationFunction activation = {};
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint kernel_constraint = {};
  Constraint bias_constraint = {};
  /// The true convolution y(i, j) = sum over m, n of x(m, n) w(i - m, j - n) + b: the kernel is
  /// turned round in rows and columns before it is used. Without it the layer is a
  /// cross-correlation, as in every deep-learning library.
  bool flip_kernel = false;
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
  bool trainable = true;
};
/// (N, rows, columns, channels) -> (N, new rows, new columns, filters). Weights: kernel (kernel
/// rows, kernel columns, channels / groups, filters), bias (filters,).
LayerPtr Conv2D(std::int64_t filters, Size2D kernel_size, Conv2DOptions options = {});

}  // namespace sinew::layers
