#pragma once

#include <string>

#include "sinew/graph/graph.h"

namespace sinew::ops {

/// What a recurrent layer returns: `sequence` (N, T, H), and the states after the last step (N, H).
/// `cell` is undefined for simple_rnn.
struct RecurrentOutputs {
  Value sequence;
  Value hidden;
  Value cell;
};

/// Long short-term memory (Hochreiter and Schmidhuber 1997, with forget gates), Keras's gate order
/// i, f, c, o: x (N, T, I), kernel (I, 4H), recurrent_kernel (H, 4H), bias (4H) or undefined,
/// states h0 and c0 (N, H) or undefined for zeros. Activations are tanh and sigmoid.
RecurrentOutputs lstm(Value x, Value kernel, Value recurrent_kernel, Value bias, Value h0 = {},
                      Value c0 = {});

/// h_t = activation(x_t W + h_{t-1} U + b): x (N, T, I), kernel (I, H), recurrent_kernel (H, H),
/// bias (H) or undefined. activation: "tanh", "relu", "sigmoid" or "linear".
RecurrentOutputs simple_rnn(Value x, Value kernel, Value recurrent_kernel, Value bias,
                            Value h0 = {}, const std::string& activation = "tanh");

}  // namespace sinew::ops
