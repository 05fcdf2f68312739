// A U-Net says of every pixel which piece of clothing it belongs to, if any: Fashion-MNIST's images
// in noise.
//
//   unet_segmentation [--epochs N] [--rows N] [--filters N]

#include <sinew/sinew.h>

#include <algorithm>
#include <cstdio>

#include "options.h"

using namespace sinew;

namespace {

constexpr std::int64_t kCells = 32, kClasses = 11;

/// Images of 32 x 32 with noise around the piece of clothing, and for each pixel 0 or 1 + its
/// class.
struct Scenes {
  Tensor x, y;
};
Scenes make_scenes(const Tensor& images, const Tensor& labels, std::int64_t rows) {
  PhiloxStream random(1, 0);
  Scenes scenes{Tensor({rows, kCells, kCells, 1}), Tensor({rows, kCells, kCells}, DType::Int64)};
  for (std::int64_t i = 0; i < scenes.y.numel(); ++i) {
    const std::int64_t image = i / (kCells * kCells), row = i / kCells % kCells - 2,
                       column = i % kCells - 2;
    const bool inside = row >= 0 && row < 28 && column >= 0 && column < 28;
    const double grey = inside ? images.at((image * 28 + row) * 28 + column) : 0.0;
    const auto at = static_cast<std::size_t>(i);
    scenes.x.data<float>()[at] = static_cast<float>(grey + 0.3 * random.uniform());
    scenes.y.data<std::int64_t>()[at] =
        grey > 0.1 ? 1 + static_cast<std::int64_t>(labels.at(image)) : 0;
  }
  return scenes;
}

}  // namespace

int main(int count, char** arguments) try {
  const Options options(count, arguments, {{"epochs", 3}, {"rows", 12000}, {"filters", 12}});
  const data::ImageDataset set = data::fashion_mnist(data::Pixels::UnitRange);
  const std::int64_t rows = options.integer("rows");
  const Scenes training = make_scenes(set.x_train, set.y_train, rows);
  const Scenes unseen = make_scenes(set.x_test, set.y_test, std::max<std::int64_t>(1, rows / 6));

  set_random_seed(1);
  Model model = applications::UNet({.input_shape = {kCells, kCells, 1},
                                    .classes = kClasses,
                                    .depth = 3,
                                    .filters = options.integer("filters")});
  model.compile({.optimizer = "adam",
                 .loss = "sparse_categorical_crossentropy",
                 .metrics = {"accuracy", metrics::MeanIoU(kClasses, {.sparse_y_pred = false})}});
  const History history = model.fit(training.x, training.y,
                                    {.epochs = static_cast<int>(options.integer("epochs")),
                                     .batch_size = 32,
                                     .validation_data = {unseen.x, unseen.y}});
  std::printf("pixels right: %.4f, mean intersection over union: %.4f\n",
              history["val_accuracy"].back(), history["val_mean_io_u"].back());
} catch (const Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 2;
}
