#pragma once

#include <optional>

#include "sinew/nn/activations.h"
#include "sinew/nn/layer.h"

namespace sinew::layers {

struct SimpleRNNOptions {
  ActivationFunction activation = "tanh";
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer recurrent_initializer = "orthogonal";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer recurrent_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint kernel_constraint = {};
  Constraint recurrent_constraint = {};
  Constraint bias_constraint = {};
  /// Shares of the inputs' features and of the state's units that a step does not see in training:
  /// the same ones at all steps (Gal and Ghahramani 2016). The second is slower: the steps are
  /// computed one by one.
  double dropout = 0.0;
  double recurrent_dropout = 0.0;
  /// Keys the layer's masks in place of the model's seed.
  std::optional<std::int64_t> seed = {};
  bool return_sequences = false;
  bool return_state = false;
  bool go_backwards = false;
  /// Initial states are those after the batch before, row by row: the batch size is fixed.
  bool stateful = false;
  /// Keras's choice of a loop or its steps; the same here.
  bool unroll = false;
  /// Where a mask hides a step its output is zeros instead of the step's before it.
  bool zero_output_for_mask = false;
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
  bool trainable = true;
};
/// h_t = activation(x_t W + h_(t-1) U + b), h_0 = 0: (N, T, features) -> (N, units), or (N, T,
/// units) with return_sequences; with return_state the last state (N, units) follows as a second
/// output. A second input (N, units) is the initial state. Weights: kernel (features, units),
/// recurrent_kernel (units, units), bias (units,).
LayerPtr SimpleRNN(std::int64_t units, SimpleRNNOptions options = {});

struct LSTMOptions {
  ActivationFunction activation = "tanh";
  ActivationFunction recurrent_activation = "sigmoid";
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer recurrent_initializer = "orthogonal";
  Initializer bias_initializer = "zeros";
  /// The forget gate's bias begins at 1 (Jozefowicz et al. 2015).
  bool unit_forget_bias = true;
  Regularizer kernel_regularizer = {};
  Regularizer recurrent_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint kernel_constraint = {};
  Constraint recurrent_constraint = {};
  Constraint bias_constraint = {};
  /// Shares of the inputs' features and of the state's units that a step does not see in training:
  /// the same ones at all steps (Gal and Ghahramani 2016). The second is slower: the steps are
  /// computed one by one.
  double dropout = 0.0;
  double recurrent_dropout = 0.0;
  /// Keys the layer's masks in place of the model's seed.
  std::optional<std::int64_t> seed = {};
  bool return_sequences = false;
  bool return_state = false;
  bool go_backwards = false;
  /// Initial states are those after the batch before, row by row: the batch size is fixed.
  bool stateful = false;
  /// Keras's choice of a loop or its steps; the same here.
  bool unroll = false;
  /// Where a mask hides a step its output is zeros instead of the step's before it.
  bool zero_output_for_mask = false;
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
  bool trainable = true;
};
/// Long short-term memory (Hochreiter and Schmidhuber 1997), gates in Keras's order i, f, c, o.
/// Shapes as SimpleRNN; with return_state the hidden and the cell state follow as second and third
/// output, and initial states are a second and third input. Weights: kernel (features, 4 units),
/// recurrent_kernel (units, 4 units), bias (4 units,). Activations other than tanh and sigmoid are
/// computed step by step, more slowly.
LayerPtr LSTM(std::int64_t units, LSTMOptions options = {});

struct GRUOptions {
  ActivationFunction activation = "tanh";
  ActivationFunction recurrent_activation = "sigmoid";
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer recurrent_initializer = "orthogonal";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer recurrent_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint kernel_constraint = {};
  Constraint recurrent_constraint = {};
  Constraint bias_constraint = {};
  /// As SimpleRNN's, with a mask for each gate where recurrent_dropout is not 0.
  double dropout = 0.0;
  double recurrent_dropout = 0.0;
  std::optional<std::int64_t> seed = {};
  bool return_sequences = false;
  bool return_state = false;
  bool go_backwards = false;
  /// Initial states are those after the batch before, row by row: the batch size is fixed.
  bool stateful = false;
  bool unroll = false;
  bool zero_output_for_mask = false;
  /// The reset gate weighs the product of state and recurrent kernel (and its bias) instead of the
  /// state.
  bool reset_after = true;
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
  bool trainable = true;
};
/// Gated recurrent unit (Cho et al. 2014), gates in Keras's order update, reset, candidate:
/// h_t = z h_(t-1) + (1 - z) candidate. Shapes as SimpleRNN. Weights: kernel (features, 3 units),
/// recurrent_kernel (units, 3 units), bias (2, 3 units) of inputs and states, or (3 units,) without
/// reset_after. Without reset_after, and with activations other than tanh and sigmoid, it is
/// computed step by step, more slowly.
LayerPtr GRU(std::int64_t units, GRUOptions options = {});

struct FullHistoryRNNOptions {
  /// sigma of the formula.
  ActivationFunction activation = "sigmoid";
  /// One W_h for all earlier states, instead of a W_hi for each of them.
  bool shared_recurrent_kernel = false;
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer recurrent_initializer = "orthogonal";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer recurrent_regularizer = {};
  Regularizer bias_regularizer = {};
  Constraint kernel_constraint = {};
  Constraint recurrent_constraint = {};
  Constraint bias_constraint = {};
  bool return_sequences = false;
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
  bool trainable = true;
};
/// A recurrent layer that sees all its earlier states, not only the last one:
/// h_t = activation(sum over i < t of h_i W_hi + x_t W_xh + b_h), t = 1 … T. Each source step i has
/// a matrix W_hi of its own (so T is fixed when the layer is built), or all share one. (N, T,
/// features) -> (N, units), or (N, T, units) with return_sequences. Weights: kernel (features,
/// units), recurrent_kernel (T - 1, units, units), or (units, units) when shared, bias (units,).
LayerPtr FullHistoryRNN(std::int64_t units, FullHistoryRNNOptions options = {});

}  // namespace sinew::layers
