#include "applications/options.h"
#include "sinew/applications/image_classifiers.h"

namespace sinew::applications {

using namespace layers;

Model LeNet5(LeNet5Options options) {
  expect_images("LeNet5", options.input_shape, 12);
  expect_at_least("LeNet5", "classes", options.classes);
  const KerasTensor input = Input(options.input_shape);
  KerasTensor x = Conv2D(6, 5, {.padding = "same", .activation = "tanh", .name = "c1"})(input);
  x = AveragePooling2D(2, {.name = "s2"})(x);
  x = Conv2D(16, 5, {.activation = "tanh", .name = "c3"})(x);
  x = AveragePooling2D(2, {.name = "s4"})(x);
  x = Flatten({.name = "flatten"})(x);
  x = Dense(120, {.activation = "tanh", .name = "c5"})(x);
  x = Dense(84, {.activation = "tanh", .name = "f6"})(x);
  x = Dense(options.classes, {.activation = options.classifier_activation, .name = "output"})(x);
  return Model(input, x, options.name);
}

}  // namespace sinew::applications
