#pragma once

#include <optional>
#include <vector>

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

/// x where x > 0, else negative_slope x (Maas et al. 2013).
LayerPtr LeakyReLU(double negative_slope = 0.3, LayerOptions options = {});
/// x where x > 0, else alpha (e^x - 1) (Clevert et al. 2015).
LayerPtr ELU(double alpha = 1.0, LayerOptions options = {});

struct PReLUOptions {
  Initializer alpha_initializer = "zeros";
  Regularizer alpha_regularizer = {};
  Constraint alpha_constraint = {};
  /// Axes (counted with the batch's, 0) along which one slope serves all: {1, 2} for a slope a
  /// channel of an image.
  std::vector<std::int64_t> shared_axes = {};
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
  bool trainable = true;
};
/// x where x > 0, else alpha x with slopes that are learnt (He et al. 2015). Weights: alpha, of a
/// sample's shape with extent 1 along shared axes.
LayerPtr PReLU(PReLUOptions options = {});

struct SoftmaxOptions {
  int axis = -1;
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
};
LayerPtr Softmax(SoftmaxOptions options = {});

}  // namespace sinew::layers
