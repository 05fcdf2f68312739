#pragma once

#include <optional>

#include "sinew/nn/activations.h"
#include "sinew/nn/layer.h"
#include "sinew/nn/layers/options.h"

namespace sinew::layers {

template <typename Size>
struct ConvLSTMOptions {
  Size strides = 1;
  /// "valid" or "same", of the convolution of inputs; that of states is "same".
  std::string padding = "valid";
  Size dilation_rate = 1;
  ActivationFunction activation = "tanh";
  ActivationFunction recurrent_activation = "sigmoid";
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer recurrent_initializer = "orthogonal";
  Initializer bias_initializer = "zeros";
  bool unit_forget_bias = true;
  Regularizer kernel_regularizer = {};
  Regularizer recurrent_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint kernel_constraint = {};
  Constraint recurrent_constraint = {};
  Constraint bias_constraint = {};
  double dropout = 0.0;
  double recurrent_dropout = 0.0;
  std::optional<std::int64_t> seed = {};
  bool return_sequences = false;
  bool return_state = false;
  bool go_backwards = false;
  /// Initial states are those after the batch before, row by row: the batch size is fixed.
  bool stateful = false;
  /// Keras's choice of a loop or its steps; the same here.
  bool unroll = false;
  bool zero_output_for_mask = false;
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
  bool trainable = true;
};
using ConvLSTM1DOptions = ConvLSTMOptions<Size1D>;
using ConvLSTM2DOptions = ConvLSTMOptions<Size2D>;
using ConvLSTM3DOptions = ConvLSTMOptions<Size3D>;
/// Convolutional LSTM (Shi et al. 2015): LSTM with convolutions in place of its products.
/// (N, T, cells…, channels) -> (N, new cells…, filters), or (N, T, new cells…, filters) with
/// return_sequences; states, initial ones and those that follow with return_state, are (N, new
/// cells…, filters). The cells must be known when the layer is built. Weights: kernel
/// (kernel_size…, channels, 4 filters), recurrent_kernel (kernel_size…, filters, 4 filters), bias
/// (4 filters,).
LayerPtr ConvLSTM1D(std::int64_t filters, Size1D kernel_size, ConvLSTM1DOptions options = {});
LayerPtr ConvLSTM2D(std::int64_t filters, Size2D kernel_size, ConvLSTM2DOptions options = {});
LayerPtr ConvLSTM3D(std::int64_t filters, Size3D kernel_size, ConvLSTM3DOptions options = {});

}  // namespace sinew::layers
