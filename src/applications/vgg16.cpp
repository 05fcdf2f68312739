#include <fmt/format.h>

#include "applications/options.h"
#include "sinew/applications/image_classifiers.h"

namespace sinew::applications {

using namespace layers;

Model VGG16(VGG16Options options) {
  constexpr int kConvolutions[] = {2, 2, 3, 3, 3};
  expect_images("VGG16", options.input_shape, 32);
  expect_at_least("VGG16", "classes", options.classes);
  expect_at_least("VGG16", "units", options.units);
  expect_entries("VGG16", "filters", options.filters, std::size(kConvolutions));
  const KerasTensor input = Input(options.input_shape);
  KerasTensor x = input;
  for (std::size_t block = 0; block < std::size(kConvolutions); ++block) {
    for (int conv = 1; conv <= kConvolutions[block]; ++conv) {
      x = Conv2D(options.filters[block], {3, 3},
                 {.padding = "same",
                  .activation = "relu",
                  .name = fmt::format("block{}_conv{}", block + 1, conv)})(x);
    }
    x = MaxPooling2D({2, 2}, {.strides = 2, .name = fmt::format("block{}_pool", block + 1)})(x);
  }
  x = Flatten({.name = "flatten"})(x);
  x = Dense(options.units, {.activation = "relu", .name = "fc1"})(x);
  x = Dense(options.units, {.activation = "relu", .name = "fc2"})(x);
  x = Dense(options.classes,
            {.activation = options.classifier_activation, .name = "predictions"})(x);
  return Model(input, x, options.name);
}

}  // namespace sinew::applications
