#pragma once

#include "sinew/model/model.h"
#include "sinew/nn/layers.h"

/// Networks that make data. All throw ValueError naming the option that is out of range.
namespace sinew::applications {

/// Three models that share their layers.
struct VariationalAutoencoder {
  /// x -> means and logarithms of variances of the codes, two outputs (N, latent).
  Model encoder;
  /// Codes (N, latent) -> probabilities of x's shape.
  Model decoder;
  /// x -> the decoder's probabilities for codes that are drawn in training, and for their means in
  /// inference. To be compiled with binary_crossentropy and trained to give back its input: the
  /// loss is then minus the evidence lower bound, divided by the number of elements of x.
  Model autoencoder;
};
struct VariationalAutoencoderOptions {
  Shape input_shape = {28, 28};
  std::int64_t latent = 20;
  /// Units of the one hidden layer on either side.
  std::int64_t hidden = 500;
  /// Weight of the divergence: 1 for the evidence lower bound, more for a beta-VAE (Higgins et al.
  /// 2017).
  double beta = 1.0;
  std::string name = "variational_autoencoder";
};
/// Kingma and Welling 2014, "Auto-encoding variational Bayes", appendix C: Gaussian codes,
/// Bernoulli data in [0, 1], a hidden layer of tanh on either side.
VariationalAutoencoder make_variational_autoencoder(VariationalAutoencoderOptions options = {});

/// The two players.
struct GenerativeAdversarialNetwork {
  /// Codes (N, latent) -> images in [0, 1].
  Model generator;
  /// Images -> (N, 1), the logit of their being real.
  Model discriminator;
  /// Codes -> the discriminator's logit for the generator's image. Compile the discriminator, then
  /// set_trainable(false) on discriminator.layer() and compile this one: it trains the generator
  /// alone, as compile() settles which weights a model's training changes.
  Model adversarial;
};
struct GenerativeAdversarialNetworkOptions {
  /// Rows and columns are multiples of 4.
  Shape image_shape = {28, 28, 1};
  std::int64_t latent = 64;
  /// Of the discriminator's first convolution, and of the generator's last but one.
  std::int64_t filters = 32;
  double dropout = 0.3;
  std::string name = "gan";
};
/// Goodfellow et al. 2014, "Generative adversarial nets", with convolutions as in Radford et al.
/// 2016 (DCGAN): the generator doubles the image twice by transposed convolutions with batch
/// normalisation and relu; the discriminator halves it twice by convolutions with leaky relu and
/// dropout.
GenerativeAdversarialNetwork make_gan(GenerativeAdversarialNetworkOptions options = {});

}  // namespace sinew::applications
