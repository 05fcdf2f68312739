#pragma once

#include <vector>

#include "sinew/nn/layer.h"

namespace sinew::layers {

struct BatchNormalizationOptions {
  int axis = -1;
  double momentum = 0.99;
  double epsilon = 1e-3;
  bool center = true;
  bool scale = true;
  Initializer beta_initializer = "zeros";
  Initializer gamma_initializer = "ones";
  Initializer moving_mean_initializer = "zeros";
  Initializer moving_variance_initializer = "ones";
  Regularizer beta_regularizer = {};
  Regularizer gamma_regularizer = {};
  Constraint beta_constraint = {};
  Constraint gamma_constraint = {};
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
  bool trainable = true;
};
/// gamma (x - mean) / sqrt(variance + epsilon) + beta (Ioffe and Szegedy 2015) with mean and biased
/// variance over all axes but `axis`: the batch's in training (which also moves the moving
/// statistics towards them), the moving ones in inference or when the layer is not trainable. Keeps
/// the shape. Weights: gamma, beta, moving_mean, moving_variance, each of x's extent along `axis`.
LayerPtr BatchNormalization(BatchNormalizationOptions options = {});

struct LayerNormalizationOptions {
  /// The axes that are normalised together, and along which gamma and beta lie.
  std::vector<std::int64_t> axis = {-1};
  double epsilon = 1e-3;
  bool center = true;
  bool scale = true;
  /// Keras's older form of root-mean-square normalisation: gamma x / sqrt(variance + epsilon).
  bool rms_scaling = false;
  Initializer beta_initializer = "zeros";
  Initializer gamma_initializer = "ones";
  Regularizer beta_regularizer = {};
  Regularizer gamma_regularizer = {};
  Constraint beta_constraint = {};
  Constraint gamma_constraint = {};
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
  bool trainable = true;
};
/// gamma (x - mean) / sqrt(variance + epsilon) + beta (Ba et al. 2016) with mean and biased
/// variance of each sample over `axis`. Keeps the shape. Weights: gamma, beta, of x's extents along
/// `axis`. Fastest over the last axes.
LayerPtr LayerNormalization(LayerNormalizationOptions options = {});

struct GroupNormalizationOptions {
  /// Groups that the features are split into; -1: one a feature (instance normalisation).
  std::int64_t groups = 32;
  int axis = -1;
  double epsilon = 1e-3;
  bool center = true;
  bool scale = true;
  Initializer beta_initializer = "zeros";
  Initializer gamma_initializer = "ones";
  Regularizer beta_regularizer = {};
  Regularizer gamma_regularizer = {};
  Constraint beta_constraint = {};
  Constraint gamma_constraint = {};
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
  bool trainable = true;
};
/// gamma (x - mean) / sqrt(variance + epsilon) + beta (Wu and He 2018) with mean and biased
/// variance of each sample and group of features along `axis`. Keeps the shape. Weights: gamma,
/// beta, of x's extent along `axis`.
LayerPtr GroupNormalization(GroupNormalizationOptions options = {});

struct RMSNormalizationOptions {
  std::vector<std::int64_t> axis = {-1};
  double epsilon = 1e-6;
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
  bool trainable = true;
};
/// scale x / sqrt(mean of x^2 over `axis` + epsilon) (Zhang and Sennrich 2019). Keeps the shape.
/// Weights: scale, of x's extents along `axis`.
LayerPtr RMSNormalization(RMSNormalizationOptions options = {});

struct UnitNormalizationOptions {
  std::vector<std::int64_t> axis = {-1};
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
};
/// x divided by its Euclidean norm over `axis`. Keeps the shape.
LayerPtr UnitNormalization(UnitNormalizationOptions options = {});

}  // namespace sinew::layers
