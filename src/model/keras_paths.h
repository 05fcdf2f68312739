#pragma once

#include "model/named_tensors.h"

namespace sinew::model {

struct State;

/// The model's weights under the paths of Keras's HDF5 files: "layers/dense_1/vars/0", with layers
/// named by class and counted within the model, and "layers/lstm/cell/vars/0" where Keras's layer
/// keeps the weight in a layer of its own.
NamedVariables keras_weights(const State& state);

}  // namespace sinew::model
