#include <fmt/format.h>

#include "applications/options.h"
#include "sinew/applications/generative.h"
#include "sinew/base/error.h"

namespace sinew::applications {
namespace {

using namespace layers;

void check(const GenerativeAdversarialNetworkOptions& options) {
  expect_images("GAN", options.image_shape, 4);
  expect_at_least("GAN", "latent", options.latent);
  expect_at_least("GAN", "filters", options.filters);
  expect_rate("GAN", "dropout", options.dropout);
  if (options.image_shape[0] % 4 != 0 || options.image_shape[1] % 4 != 0) {
    throw ValueError(
        fmt::format("GAN: image_shape is {}; rows and columns must be multiples of 4, as the "
                    "generator doubles an image twice",
                    options.image_shape.str()));
  }
}

Model generator(const GenerativeAdversarialNetworkOptions& options) {
  const Shape& image = options.image_shape;
  const Shape first = {image[0] / 4, image[1] / 4, 2 * options.filters};
  const auto normalised_relu = [](const KerasTensor& x, const std::string& name) {
    return ReLU({.name = name + "_relu"})(BatchNormalization({.name = name + "_norm"})(x));
  };
  const auto doubled = [](const KerasTensor& x, std::int64_t filters, const char* activation,
                          const std::string& name) {
    return Conv2DTranspose(
        filters, 4, {.strides = 2, .padding = "same", .activation = activation, .name = name})(x);
  };
  const KerasTensor code = Input({options.latent});
  KerasTensor x = Dense(first.numel(), {.name = "generator_dense"})(code);
  x = normalised_relu(Reshape(first, {.name = "generator_reshape"})(x), "generator1");
  x = normalised_relu(doubled(x, options.filters, "linear", "generator_conv1"), "generator2");
  x = doubled(x, image[2], "sigmoid", "generator_conv2");
  return Model(code, x, options.name + "_generator");
}

Model discriminator(const GenerativeAdversarialNetworkOptions& options) {
  const KerasTensor image = Input(options.image_shape);
  KerasTensor x = image;
  for (int i = 1; i <= 2; ++i) {
    const std::string number = std::to_string(i);
    x = Conv2D(i * options.filters, 4,
               {.strides = 2, .padding = "same", .name = "discriminator_conv" + number})(x);
    x = LeakyReLU(0.2, {.name = "discriminator_relu" + number})(x);
    x = Dropout(options.dropout, {.name = "discriminator_drop" + number})(x);
  }
  x = Flatten({.name = "discriminator_flatten"})(x);
  x = Dense(1, {.name = "discriminator_logit"})(x);
  return Model(image, x, options.name + "_discriminator");
}

}  // namespace

GenerativeAdversarialNetwork make_gan(GenerativeAdversarialNetworkOptions options) {
  check(options);
  const Model made = generator(options), judged = discriminator(options);
  const KerasTensor code = Input({options.latent});
  return {made, judged, Model(code, judged(made(code)), options.name)};
}

}  // namespace sinew::applications
