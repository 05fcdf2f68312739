#pragma once

#include "sinew/nn/initializers.h"

namespace sinew::layers {

/// `initializer`'s numbers for the biases (4 units,) of an LSTM, with ones for the second gate, the
/// forget gate's.
Initializer with_forget_bias(const Initializer& initializer, std::int64_t units);

}  // namespace sinew::layers
