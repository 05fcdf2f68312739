#pragma once

#include <string>

#include "sinew/graph/graph.h"

namespace sinew::ops {

/// What a recurrent layer returns: `sequence` (N, T, H), and the states after the last step (N, H).
/// `cell` is undefined where there is none. All of these ops take `lengths`, Int64 (N), no row's
/// larger than that of the row before: the steps of a row from its length on are not computed. The
/// sequence is zeros there, and states are those after a row's own last step.
struct RecurrentOutputs {
  Value sequence;
  Value hidden;
  Value cell;
};

/// Long short-term memory (Hochreiter and Schmidhuber 1997, with forget gates), Keras's gate order
/// i, f, c, o: x (N, T, I), kernel (I, 4H), recurrent_kernel (H, 4H), bias (4H) or undefined,
/// states h0 and c0 (N, H) or undefined for zeros. Activations are tanh and sigmoid.
RecurrentOutputs lstm(Value x, Value kernel, Value recurrent_kernel, Value bias, Value h0 = {},
                      Value c0 = {}, Value lengths = {});

/// Gated recurrent unit (Cho et al. 2014), Keras's gate order update z, reset r, candidate g:
/// h_t = z h_{t-1} + (1 - z) g_t, with g_t = tanh(x_t W_g + b_g + r (h_{t-1} U_g + b'_g)), or
/// tanh(x_t W_g + b_g + (r h_{t-1}) U_g) without reset_after. x (N, T, I), kernel (I, 3H),
/// recurrent_kernel (H, 3H), bias (2, 3H) of inputs and states, (3H) without reset_after, or
/// undefined. Activations are tanh and sigmoid.
RecurrentOutputs gru(Value x, Value kernel, Value recurrent_kernel, Value bias, Value h0 = {},
                     Value lengths = {}, bool reset_after = true);

/// h_t = activation(x_t W + h_{t-1} U + b): x (N, T, I), kernel (I, H), recurrent_kernel (H, H),
/// bias (H) or undefined. activation: "tanh", "relu", "sigmoid" or "linear".
RecurrentOutputs simple_rnn(Value x, Value kernel, Value recurrent_kernel, Value bias,
                            Value h0 = {}, const std::string& activation = "tanh",
                            Value lengths = {});

/// Sequences of which some steps do not count, brought together: each row's counting steps first,
/// in their order, and the rows with most of them first.
struct PackedSequences {
  /// Bool (N, T): which steps count.
  explicit PackedSequences(Value mask);

  /// (N, T, …) -> (N, T, …).
  Value pack(Value sequence) const;
  /// Back to the places of the mask: (N, T, …), where a step does not count the value of the step
  /// before it; zeros where there is none, or always with `zeros`.
  Value unpack(Value sequence, bool zeros) const;
  /// (N, …) -> (N, …), to the packed order of rows and back.
  Value pack_rows(Value rows) const;
  Value unpack_rows(Value rows) const;
  /// Of the last step of a sequence, from the states (N, …) after it in the mask's order of rows:
  /// what unpack() has there.
  Value last(Value states, bool zeros) const;

  Value mask;
  /// Int64 (N): of packed rows.
  Value lengths;

 private:
  Value steps_, places_, begun_, order_, back_;
};

}  // namespace sinew::ops
