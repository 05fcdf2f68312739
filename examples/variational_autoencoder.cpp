// A variational auto-encoder of Fashion-MNIST: what it makes of some images, and images that there
// never were.
//
//   variational_autoencoder [--epochs N] [--rows N] [--latent N] [--hidden N]

#include <sinew/sinew.h>

#include <cstdio>

#include "options.h"
#include "picture.h"

using namespace sinew;

int main(int count, char** arguments) try {
  const Options options(count, arguments,
                        {{"epochs", 10}, {"rows", 60000}, {"latent", 20}, {"hidden", 500}});
  const data::ImageDataset images = data::fashion_mnist(data::Pixels::UnitRange);
  const Tensor x = images.x_train.rows(0, options.integer("rows"));
  const Tensor x_test = images.x_test.rows(0, std::min(options.integer("rows"), x.shape()[0] / 6));

  set_random_seed(1);
  auto [encoder, decoder, autoencoder] = applications::make_variational_autoencoder(
      {.latent = options.integer("latent"), .hidden = options.integer("hidden")});
  autoencoder.compile({.optimizer = "adam", .loss = "binary_crossentropy"});
  const History history = autoencoder.fit(x, x,
                                          {.epochs = static_cast<int>(options.integer("epochs")),
                                           .batch_size = 128,
                                           .validation_data = {x_test, x_test}});
  // The loss is the mean over pixels.
  std::printf("evidence lower bound of unseen images: %.1f nats\n",
              -28 * 28 * history["val_loss"].back());

  std::printf("\nfour images, and what came back:\n");
  print_images(x_test.rows(0, 4));
  print_images(decoder.predict(encoder.predict_all(x_test.rows(0, 4))[0]));
  std::printf("\nfour of its own:\n");
  Tensor codes({4, options.integer("latent")});
  PhiloxStream random(3, 0);
  for (float& number : codes.data<float>()) number = static_cast<float>(random.normal());
  print_images(decoder.predict(codes));
} catch (const Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 2;
}
