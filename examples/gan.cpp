// A generative adversarial network on Fashion-MNIST: a forger and a judge train each other.
//
//   gan [--steps N] [--batch N] [--filters N]

#include <sinew/sinew.h>

#include <algorithm>
#include <cstdio>

#include "options.h"
#include "picture.h"

using namespace sinew;

namespace {

constexpr std::int64_t kLatent = 64;

Tensor codes(PhiloxStream& random, std::int64_t rows) {
  Tensor result({rows, kLatent});
  for (float& number : result.data<float>()) number = static_cast<float>(random.normal());
  return result;
}

/// Some rows of the images, drawn with replacement, in the first half of twice as many.
Tensor real_images(PhiloxStream& random, const Tensor& images, std::int64_t rows) {
  const std::int64_t cells = images.numel() / images.shape()[0];
  Tensor result({2 * rows, 28, 28, 1});
  for (std::int64_t row = 0; row < rows; ++row) {
    const auto from = random.below(static_cast<std::uint64_t>(images.shape()[0]));
    std::copy_n(images.data<float>().begin() + static_cast<std::int64_t>(from) * cells, cells,
                result.data<float>().begin() + row * cells);
  }
  return result;
}

}  // namespace

int main(int count, char** arguments) try {
  const Options options(count, arguments,
                        {{"steps", 2000}, {"batch", 64}, {"filters", 32}, {"report", 200}});
  const std::int64_t batch = options.integer("batch");
  const Tensor images = data::fashion_mnist(data::Pixels::UnitRange).x_train;

  set_random_seed(1);
  auto [generator, discriminator, adversarial] =
      applications::make_gan({.latent = kLatent, .filters = options.integer("filters")});
  // Adam's momentum as in Radford et al. 2016.
  const auto compile = [](Model& model) {
    model.compile({.optimizer = optimizers::Adam({.learning_rate = 2e-4, .beta_1 = 0.5}),
                   .loss = "BinaryCrossentropy(from_logits=true)"});
  };
  // compile() settles which weights a step changes: the discriminator's own step still trains them.
  compile(discriminator);
  discriminator.layer()->set_trainable(false);
  compile(adversarial);

  PhiloxStream random(2, 0);
  const Tensor real = Tensor::full({batch, 1}, 1.0);
  Tensor real_then_fake({2 * batch, 1});
  std::fill_n(real_then_fake.data<float>().begin(), batch, 1.0f);
  for (std::int64_t step = 1; step <= options.integer("steps"); ++step) {
    Tensor shown = real_images(random, images, batch);
    const Tensor forged = generator.predict_on_batch(codes(random, batch));
    std::copy_n(forged.data<float>().begin(), forged.numel(),
                shown.data<float>().begin() + forged.numel());
    const double judge = discriminator.train_on_batch(shown, real_then_fake)["loss"];
    const double forger = adversarial.train_on_batch(codes(random, batch), real)["loss"];
    if (step % options.integer("report") != 0) continue;
    std::printf("step %lld: discriminator %.3f, generator %.3f\n", static_cast<long long>(step),
                judge, forger);
    std::fflush(stdout);
    discriminator.reset_metrics();
    adversarial.reset_metrics();
  }
  print_images(generator.predict(codes(random, 4)));
} catch (const Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 2;
}
