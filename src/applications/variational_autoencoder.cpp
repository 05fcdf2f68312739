#include <fmt/format.h>

#include "applications/options.h"
#include "sinew/applications/generative.h"
#include "sinew/applications/layers.h"
#include "sinew/base/error.h"

namespace sinew::applications {

using namespace layers;

VariationalAutoencoder make_variational_autoencoder(VariationalAutoencoderOptions options) {
  const char* const kName = "VariationalAutoencoder";
  expect_at_least(kName, "latent", options.latent);
  expect_at_least(kName, "hidden", options.hidden);
  for (std::int64_t extent : options.input_shape) expect_at_least(kName, "input_shape", extent);
  if (!(options.beta >= 0)) {
    throw ValueError(fmt::format("{}: beta is {}; it must be at least 0", kName, options.beta));
  }
  const std::int64_t elements = options.input_shape.numel();

  const KerasTensor x = Input(options.input_shape);
  KerasTensor hidden = Flatten({.name = "flatten"})(x);
  hidden = Dense(options.hidden, {.activation = "tanh", .name = "encoder_hidden"})(hidden);
  const KerasTensor mean = Dense(options.latent, {.name = "mean"})(hidden);
  const KerasTensor log_variance = Dense(options.latent, {.name = "log_variance"})(hidden);
  Model encoder(x, {mean, log_variance}, options.name + "_encoder");

  const KerasTensor code = Input({options.latent});
  KerasTensor y = Dense(options.hidden, {.activation = "tanh", .name = "decoder_hidden"})(code);
  y = Dense(elements, {.activation = "sigmoid", .name = "probabilities"})(y);
  y = Reshape(options.input_shape, {.name = "reshape"})(y);
  Model decoder(code, y, options.name + "_decoder");

  const KerasTensor drawn =
      GaussianSampling({.kl_weight = options.beta / static_cast<double>(elements), .name = "code"})(
          {mean, log_variance});
  Model autoencoder(x, decoder(drawn), options.name);
  return {encoder, decoder, autoencoder};
}

}  // namespace sinew::applications
