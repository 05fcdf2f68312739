// fit.py in C++: prints the seconds of each of five fits of the tutorial's network, three epochs of
// 200 batches of 32.
#include <fmt/format.h>
#include <sinew/sinew.h>

#include <chrono>
#include <cmath>

using namespace sinew;
using namespace sinew::layers;

int main() {
  constexpr std::int64_t kRows = 6400;
  Tensor x({kRows, 28, 28, 1});
  for (std::size_t i = 0; i < x.data<float>().size(); ++i)
    x.data<float>()[i] = std::sin(0.7f * static_cast<float>(i));
  Tensor y({kRows}, DType::Int64);
  for (std::size_t i = 0; i < kRows; ++i) y.data<std::int64_t>()[i] = static_cast<int>(i % 10);

  set_random_seed(1);
  Sequential model;
  model.add(Conv2D(32, {3, 3}, {.activation = "relu", .input_shape = {28, 28, 1}}));
  model.add(MaxPooling2D({2, 2}));
  model.add(Conv2D(64, {3, 3}, {.activation = "relu"}));
  model.add(MaxPooling2D({2, 2}));
  model.add(Flatten());
  model.add(Dense(128, {.activation = "relu"}));
  model.add(Dense(10, {.activation = "softmax"}));
  model.compile(
      {.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  model.fit(x, y, {.epochs = 1, .batch_size = 32, .verbose = 0});
  for (int run = 0; run < 5; ++run) {
    const auto begin = std::chrono::steady_clock::now();
    model.fit(x, y, {.epochs = 3, .batch_size = 32, .verbose = 0});
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    fmt::print("{}\n", seconds.count());
  }
}
