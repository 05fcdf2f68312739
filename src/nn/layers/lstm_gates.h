#pragma once

#include <vector>

#include "sinew/nn/activations.h"
#include "sinew/nn/initializers.h"

/// What LSTM and ConvLSTM share: four gates along the last axis, in Keras's order i, f, c, o.
namespace sinew::layers {

/// `initializer`'s numbers for the biases (4 units,), with ones for the forget gate's.
Initializer with_forget_bias(const Initializer& initializer, std::int64_t units);

/// The step from the gates' sums z (N, …, 4 units) and the cell state c (N, …, units): output,
/// hidden and cell state.
std::vector<Value> lstm_step(Value z, Value c, const ActivationFunction& activation,
                             const ActivationFunction& recurrent_activation);

}  // namespace sinew::layers
