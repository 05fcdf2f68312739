// Uses the installed library as a user does: exits 0 when a small network learns.
#include <sinew/sinew.h>

#include <cstdio>

using namespace sinew;
using namespace sinew::layers;

// What reads data comes with the rest.
using Table = data::CsvTable;
using Images = data::ImageDataset;
using Windows = data::WindowDataset;
using Batches = data::Loader;

int main() {
  const Tensor x = Tensor::from<float>({0, 0, 0, 1, 1, 0, 1, 1}, {4, 2});
  const Tensor y = Tensor::from<float>({0, 1, 1, 0}, {4, 1});
  Sequential model;
  model.add(Dense(8, {.activation = "tanh", .input_shape = {2}}));
  model.add(Dense(1, {.activation = "sigmoid"}));
  model.compile(
      {.optimizer = optimizers::Adam({.learning_rate = 0.05}), .loss = "binary_crossentropy"});
  model.fit(x, y, {.epochs = 200, .batch_size = 4, .verbose = 0});
  const Tensor p = model.predict(x);
  for (std::int64_t i = 0; i < 4; ++i) {
    if ((p.at(i) > 0.5) != (y.at(i) > 0.5)) {
      std::fprintf(stderr, "row %d: the installed library predicts %.3f\n", static_cast<int>(i),
                   p.at(i));
      return 1;
    }
  }
  return 0;
}
