// The tutorial's recurrent network, line by line: on Fashion-MNIST read row by row (28 steps of 28
// pixels), or on the phone-sensor windows of UCI HAR (128 steps of 9 signals) when given that data
// set's folder.
//
//   tutorial_lstm [EPOCHS] [FOLDER]

#include <sinew/sinew.h>

#include <cstdio>
#include <cstdlib>

using namespace sinew;
using namespace sinew::layers;

namespace {

/// Class numbers as rows of 0 and 1, as categorical_crossentropy wants them.
Tensor one_hot(const Tensor& labels, std::int64_t classes) {
  Tensor rows({labels.numel(), classes});
  for (std::int64_t i = 0; i < labels.numel(); ++i) {
    rows.data<float>()[static_cast<std::size_t>(i * classes) +
                       static_cast<std::size_t>(labels.at(i))] = 1.0f;
  }
  return rows;
}

}  // namespace

int main(int count, char** arguments) try {
  const int epochs = count > 1 ? std::atoi(arguments[1]) : 10;
  data::WindowDataset set;
  std::int64_t output_dim = 10;
  if (count > 2) {
    set = data::load_uci_har(arguments[2]);
    output_dim = 6;
  } else {
    const data::ImageDataset images = data::fashion_mnist(data::Pixels::UnitRange);
    set = {images.x_train, images.y_train, images.x_test, images.y_test};
  }
  const std::int64_t timesteps = set.x_train.shape()[1];
  const std::int64_t input_dim = set.x_train.shape()[2];
  const Tensor y_train = one_hot(set.y_train, output_dim);
  const Tensor y_test = one_hot(set.y_test, output_dim);

  // model = Sequential()
  Sequential model;
  model.add(LSTM(128, {.return_sequences = true, .input_shape = {timesteps, input_dim}}));
  model.add(LSTM(128, {.return_sequences = true}));
  model.add(LSTM(128));
  model.add(Dense(output_dim, {.activation = "softmax"}));

  // model.compile(optimizer='adam', loss='categorical_crossentropy', metrics=['accuracy'])
  model.compile({.optimizer = "adam", .loss = "categorical_crossentropy", .metrics = {"accuracy"}});

  // model.fit(x_train, y_train, epochs=10, batch_size=32, validation_data=(x_test, y_test))
  const History history =
      model.fit(set.x_train, y_train,
                {.epochs = epochs, .batch_size = 32, .validation_data = {set.x_test, y_test}});
  std::printf("validation accuracy: %.4f\n", history["val_accuracy"].back());
} catch (const Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 2;
}
