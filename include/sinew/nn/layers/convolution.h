#pragma once

#include <optional>

#include "sinew/nn/activations.h"
#include "sinew/nn/layer.h"
#include "sinew/nn/layers/options.h"

/// Convolutions of sequences (N, steps, features), images (N, rows, columns, channels) and volumes
/// (N, depth, rows, columns, channels). In all of them `padding` "valid" is none, and "same" zeros
/// so that the output has ceil(input / stride) cells, the odd one at the end.
namespace sinew::layers {

template <typename Size>
struct ConvOptions {
  Size strides = 1;
  /// For sequences also "causal": zeros before the first step, so that no step sees a later one.
  std::string padding = "valid";
  Size dilation_rate = 1;
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
  /// turned round along its spatial axes before it is used. Without it the layer is a
  /// cross-correlation, as in every deep-learning library.
  bool flip_kernel = false;
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
  bool trainable = true;
};
using Conv1DOptions = ConvOptions<Size1D>;
using Conv2DOptions = ConvOptions<Size2D>;
using Conv3DOptions = ConvOptions<Size3D>;
/// (N, cells…, channels) -> (N, new cells…, filters). Weights: kernel (kernel_size…, channels /
/// groups, filters), bias (filters,).
LayerPtr Conv1D(std::int64_t filters, Size1D kernel_size, Conv1DOptions options = {});
LayerPtr Conv2D(std::int64_t filters, Size2D kernel_size, Conv2DOptions options = {});
LayerPtr Conv3D(std::int64_t filters, Size3D kernel_size, Conv3DOptions options = {});

template <typename Size>
struct ConvTransposeOptions {
  Size strides = 1;
  std::string padding = "valid";
  /// Cells more at the end of each axis than the smallest output that the convolution would make
  /// the input of; below the stride. Default: with "same" the output has stride times the input's
  /// cells, with "valid" (input - 1) stride + the larger of kernel and stride.
  std::optional<Size> output_padding = {};
  Size dilation_rate = 1;
  ActivationFunction activation = {};
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint kernel_constraint = {};
  Constraint bias_constraint = {};
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
  bool trainable = true;
};
using Conv1DTransposeOptions = ConvTransposeOptions<Size1D>;
using Conv2DTransposeOptions = ConvTransposeOptions<Size2D>;
using Conv3DTransposeOptions = ConvTransposeOptions<Size3D>;
/// The transposed convolution (Zeiler et al. 2010): what a convolution's gradient makes of its
/// output, so that cells become more. (N, cells…, channels) -> (N, new cells…, filters). Weights:
/// kernel (kernel_size…, filters, channels), bias (filters,).
LayerPtr Conv1DTranspose(std::int64_t filters, Size1D kernel_size,
                         Conv1DTransposeOptions options = {});
LayerPtr Conv2DTranspose(std::int64_t filters, Size2D kernel_size,
                         Conv2DTransposeOptions options = {});
LayerPtr Conv3DTranspose(std::int64_t filters, Size3D kernel_size,
                         Conv3DTransposeOptions options = {});

template <typename Size>
struct DepthwiseConvOptions {
  Size strides = 1;
  std::string padding = "valid";
  /// Filters of each channel.
  std::int64_t depth_multiplier = 1;
  Size dilation_rate = 1;
  ActivationFunction activation = {};
  bool use_bias = true;
  Initializer depthwise_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer depthwise_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint depthwise_constraint = {};
  Constraint bias_constraint = {};
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
  bool trainable = true;
};
using DepthwiseConv1DOptions = DepthwiseConvOptions<Size1D>;
using DepthwiseConv2DOptions = DepthwiseConvOptions<Size2D>;
/// Each channel by filters of its own: (N, cells…, channels) -> (N, new cells…, channels
/// depth_multiplier). Weights: kernel (kernel_size…, channels, depth_multiplier), bias.
LayerPtr DepthwiseConv1D(Size1D kernel_size, DepthwiseConv1DOptions options = {});
LayerPtr DepthwiseConv2D(Size2D kernel_size, DepthwiseConv2DOptions options = {});

template <typename Size>
struct SeparableConvOptions {
  Size strides = 1;
  std::string padding = "valid";
  Size dilation_rate = 1;
  std::int64_t depth_multiplier = 1;
  ActivationFunction activation = {};
  bool use_bias = true;
  Initializer depthwise_initializer = "glorot_uniform";
  Initializer pointwise_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer depthwise_regularizer = {};
  Regularizer pointwise_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint depthwise_constraint = {};
  Constraint pointwise_constraint = {};
  Constraint bias_constraint = {};
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
  bool trainable = true;
};
using SeparableConv1DOptions = SeparableConvOptions<Size1D>;
using SeparableConv2DOptions = SeparableConvOptions<Size2D>;
/// A depthwise convolution, then a mixture of channels cell by cell (Chollet 2017). Weights:
/// depthwise_kernel (kernel_size…, channels, depth_multiplier), pointwise_kernel (1…, channels
/// depth_multiplier, filters), bias (filters,).
LayerPtr SeparableConv1D(std::int64_t filters, Size1D kernel_size,
                         SeparableConv1DOptions options = {});
LayerPtr SeparableConv2D(std::int64_t filters, Size2D kernel_size,
                         SeparableConv2DOptions options = {});

}  // namespace sinew::layers
