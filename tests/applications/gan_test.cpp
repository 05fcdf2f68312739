#include "applications/network_harness.h"
#include "sinew/applications/generative.h"

namespace sinew {
namespace {

using namespace testing;
using applications::make_gan;

TEST(Gan, HasTheShapesOfItsImages) {
  const auto gan = make_gan();
  EXPECT_EQ(gan.generator.outputs()[0].shape(), (Shape{-1, 28, 28, 1}));
  EXPECT_EQ(gan.discriminator.outputs()[0].shape(), (Shape{-1, 1}));
  EXPECT_EQ(gan.adversarial.count_params(),
            gan.generator.count_params() + gan.discriminator.count_params());
  expect_round_trip(gan.generator);
  expect_round_trip(gan.discriminator);
  expect_round_trip(gan.adversarial);
}

/// The weights that a model's training changes, before and after one step of `training`.
bool changes(const Model& model, const std::function<void()>& training) {
  std::vector<Tensor> before;
  for (const Tensor& weight : model.get_weights()) before.push_back(weight.clone());
  training();
  return !same_bits(before, model.get_weights());
}

TEST(Gan, EachPlayersStepTrainsThatPlayerAlone) {
  set_random_seed(1);
  auto gan = make_gan({.image_shape = {8, 8, 1}, .latent = 4, .filters = 4});
  gan.discriminator.compile({.loss = "BinaryCrossentropy(from_logits=true)"});
  const Tensor codes = Tensor::full({6, 4}, 0.5), real = Tensor::full({6, 1}, 1.0);
  const Tensor images = two_kinds_of_images({8, 8, 1}, 6).x;
  const auto judge = [&] { gan.discriminator.train_on_batch(images, real); };
  const auto forge = [&] { gan.adversarial.train_on_batch(codes, real); };
  gan.discriminator.layer()->set_trainable(false);
  gan.adversarial.compile({.optimizer = optimizers::Adam({.learning_rate = 0.01}),
                           .loss = "BinaryCrossentropy(from_logits=true)"});
  EXPECT_TRUE(changes(gan.discriminator, judge));
  EXPECT_FALSE(changes(gan.generator, judge));
  EXPECT_TRUE(changes(gan.generator, forge));
  EXPECT_FALSE(changes(gan.discriminator, forge));
}

TEST(Gan, Errors) {
  EXPECT_EQ(message_of<ValueError>([] {
              make_gan({.image_shape = {28, 30, 1}});
            }),
            "GAN: image_shape is (28, 30, 1); rows and columns must be multiples of 4, as the "
            "generator doubles an image twice");
  EXPECT_EQ(message_of<ValueError>([] { make_gan({.dropout = -0.1}); }),
            "GAN: dropout is -0.1; it must be at least 0 and below 1");
}

}  // namespace
}  // namespace sinew
