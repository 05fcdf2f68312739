// The tutorial's convolutional network, line by line, on Fashion-MNIST (Debian's package
// dataset-fashion-mnist).
//
//   tutorial_cnn [EPOCHS]

#include <sinew/sinew.h>

#include <cstdio>
#include <cstdlib>

using namespace sinew;
using namespace sinew::layers;

int main(int count, char** arguments) try {
  const int epochs = count > 1 ? std::atoi(arguments[1]) : 10;
  const data::ImageDataset set = data::fashion_mnist(data::Pixels::UnitRange);
  const Tensor x_train = set.x_train.reshape({-1, 28, 28, 1});
  const Tensor x_test = set.x_test.reshape({-1, 28, 28, 1});

  // model = Sequential()
  Sequential model;
  model.add(Conv2D(32, {3, 3}, {.activation = "relu", .input_shape = {28, 28, 1}}));
  model.add(MaxPooling2D({2, 2}));
  model.add(Conv2D(64, {3, 3}, {.activation = "relu"}));
  model.add(MaxPooling2D({2, 2}));
  model.add(Flatten());
  model.add(Dense(128, {.activation = "relu"}));
  model.add(Dense(10, {.activation = "softmax"}));

  // model.compile(optimizer='adam', loss='sparse_categorical_crossentropy', metrics=['accuracy'])
  model.compile(
      {.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});

  // model.fit(x_train, y_train, epochs=10, batch_size=32, validation_data=(x_test, y_test))
  const History history =
      model.fit(x_train, set.y_train,
                {.epochs = epochs, .batch_size = 32, .validation_data = {x_test, set.y_test}});
  std::printf("validation accuracy: %.4f\n", history["val_accuracy"].back());
} catch (const Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 2;
}
