#include "applications/network_harness.h"
#include "sinew/applications/generative.h"

namespace sinew {
namespace {

using namespace testing;
using applications::make_variational_autoencoder;

TEST(VariationalAutoencoder, HasThePapersLayers) {
  const auto vae = make_variational_autoencoder();
  const std::int64_t encoder = 784 * 500 + 500 + 2 * (500 * 20 + 20);
  const std::int64_t decoder = 20 * 500 + 500 + 500 * 784 + 784;
  EXPECT_EQ(vae.encoder.count_params(), encoder);
  EXPECT_EQ(vae.decoder.count_params(), decoder);
  EXPECT_EQ(vae.autoencoder.count_params(), encoder + decoder);
  EXPECT_EQ(vae.encoder.outputs()[1].shape(), (Shape{-1, 20}));
  EXPECT_EQ(vae.autoencoder.outputs()[0].shape(), (Shape{-1, 28, 28}));
  expect_round_trip(vae.autoencoder);
}

TEST(VariationalAutoencoder, LearnsTheBoundAndSharesItsLayers) {
  set_random_seed(1);
  auto vae = make_variational_autoencoder({.input_shape = {8, 8}, .latent = 2, .hidden = 32});
  vae.autoencoder.compile(
      {.optimizer = optimizers::Adam({.learning_rate = 0.01}), .loss = "binary_crossentropy"});
  const Tensor x = two_kinds_of_images({8, 8}, 16).x;
  const Losses losses = train_on_one_batch(vae.autoencoder, x, x, 60);
  EXPECT_LT(losses.after, 0.95 * losses.before);
  // In inference the code is its mean: encoder and decoder, one after the other, are the whole.
  const Tensor codes = vae.encoder.predict_all(x)[0];
  const Tensor whole = vae.autoencoder.predict(x), parts = vae.decoder.predict(codes);
  for (std::int64_t i = 0; i < whole.numel(); ++i) EXPECT_NEAR(whole.at(i), parts.at(i), 1e-6);
}

TEST(VariationalAutoencoder, Errors) {
  EXPECT_EQ(message_of<ValueError>([] { make_variational_autoencoder({.latent = 0}); }),
            "VariationalAutoencoder: latent is 0; it must be at least 1");
  EXPECT_EQ(message_of<ValueError>([] { make_variational_autoencoder({.beta = -1}); }),
            "VariationalAutoencoder: beta is -1; it must be at least 0");
}

}  // namespace
}  // namespace sinew
