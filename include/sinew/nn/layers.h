#pragma once

#include "sinew/nn/layers/activation.h"
#include "sinew/nn/layers/attention.h"
#include "sinew/nn/layers/conv_lstm.h"
#include "sinew/nn/layers/convolution.h"
#include "sinew/nn/layers/core.h"
#include "sinew/nn/layers/merging.h"
#include "sinew/nn/layers/normalization.h"
#include "sinew/nn/layers/pooling.h"
#include "sinew/nn/layers/recurrent.h"
#include "sinew/nn/layers/regularization.h"
#include "sinew/nn/layers/reshaping.h"
#include "sinew/nn/layers/rnn.h"
#include "sinew/nn/layers/wrappers.h"

/// Keras's layers: each function makes a layer with Keras 3's argument names and defaults. In all
/// of them N is the batch extent, `name` defaults to Keras's ("dense", "dense_1", …), `input_shape`
/// (without N) tells a Sequential's first layer what it will see, and `dtype` is the type of
/// weights and results, or the name of a policy such as "mixed_bfloat16". Layers with wrong
/// arguments throw ValueError when they are made, and ShapeError or DTypeError naming the layer
/// when inputs do not fit.
namespace sinew::layers {

using sinew::Input;

}  // namespace sinew::layers
