#pragma once

#include <optional>

#include "sinew/nn/activations.h"
#include "sinew/nn/layer.h"
#include "sinew/nn/layers/options.h"

namespace sinew::layers {

/// An activation as a layer of its own; keeps the shape.
LayerPtr Activation(ActivationFunction activation, LayerOptions options = {});

struct ReLUOptions {
  /// Largest result; none by default.
  std::optional<double> max_value = {};
  /// Slope below the threshold.
  double negative_slope = 0.0;
  /// Inputs below it are damped by negative_slope (or dropped).
  double threshold = 0.0;
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
};
LayerPtr ReLU(ReLUOptions options = {});

struct SoftmaxOptions {
  int axis = -1;
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
};
LayerPtr Softmax(SoftmaxOptions options = {});

}  // namespace sinew::layers
