#pragma once

#include <optional>

#include "sinew/nn/layer.h"

/// Layers that published networks need and Keras itself has not.
namespace sinew::layers {

struct LearnedPositionsOptions {
  Initializer embeddings_initializer = "uniform";
  std::string name = {};
  DTypePolicy dtype = {};
  bool trainable = true;
};
/// x + a learnt row for each step (Gehring et al. 2017): (N, T, features) -> the same, T at most
/// `max_steps`. Further inputs of x's shape are added too; the mask is x's. Weights: embeddings
/// (max_steps, features).
LayerPtr LearnedPositions(std::int64_t max_steps, LearnedPositionsOptions options = {});

struct SinusoidalPositionsOptions {
  /// What x is multiplied by first: the Transformer's embeddings by the root of their width.
  double input_scale = 1.0;
  double max_wavelength = 10000.0;
  std::string name = {};
  DTypePolicy dtype = {};
};
/// input_scale x + sin(t / max_wavelength^(i / features)) at step t and even feature i, the cosine
/// of the same angle at i + 1 (Vaswani et al. 2017, section 3.5): (N, T, features) -> the same.
LayerPtr SinusoidalPositions(SinusoidalPositionsOptions options = {});

struct LocalResponseNormalizationOptions {
  /// Channels on either side that count.
  std::int64_t depth_radius = 2;
  double bias = 2.0;
  double alpha = 1e-4;
  double beta = 0.75;
  std::string name = {};
  DTypePolicy dtype = {};
};
/// x / (bias + alpha s)^beta, s the sum of squares of the 2 depth_radius + 1 channels around each
/// (Krizhevsky et al. 2012, section 3.3, whose constants are the defaults): (N, rows, columns,
/// channels) -> the same.
LayerPtr LocalResponseNormalization(LocalResponseNormalizationOptions options = {});

struct GaussianSamplingOptions {
  /// Of the divergence in the loss: 1 for the evidence lower bound where the other term is the sum
  /// of the reconstruction's losses, 1 / pixels where it is their mean.
  double kl_weight = 1.0;
  /// Keys the layer's numbers in place of the model's seed.
  std::optional<std::int64_t> seed = {};
  std::string name = {};
  DTypePolicy dtype = {};
};
/// Draws from the normal distributions whose means and logarithms of variances, both (N, …), are
/// its inputs: mean + e^(log variance / 2) times a standard normal number in training, the mean in
/// inference. Adds kl_weight times the mean over the batch of their Kullback-Leibler divergence
/// from the standard normal distribution to the loss (Kingma and Welling 2014, appendix B).
LayerPtr GaussianSampling(GaussianSamplingOptions options = {});

}  // namespace sinew::layers
