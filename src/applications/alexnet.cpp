#include <fmt/format.h>

#include "applications/options.h"
#include "sinew/applications/image_classifiers.h"
#include "sinew/applications/layers.h"
#include "sinew/base/error.h"

namespace sinew::applications {
namespace {

using namespace layers;

/// One of the five convolutions, numbered from 1.
struct Convolution {
  std::int64_t window, stride, groups;
  const char* padding;
  double bias;
  bool normalised, pooled;
};
constexpr Convolution kConvolutions[] = {{11, 4, 1, "valid", 0.0, true, true},
                                         {5, 1, 2, "same", 1.0, true, true},
                                         {3, 1, 1, "same", 0.0, false, false},
                                         {3, 1, 2, "same", 1.0, false, false},
                                         {3, 1, 2, "same", 1.0, false, true}};

void check(const AlexNetOptions& options) {
  expect_images("AlexNet", options.input_shape, 67);
  expect_at_least("AlexNet", "classes", options.classes);
  expect_at_least("AlexNet", "units", options.units);
  expect_rate("AlexNet", "dropout", options.dropout);
  expect_entries("AlexNet", "filters", options.filters, std::size(kConvolutions));
  for (std::int64_t filters : options.filters) {
    if (filters % 2 != 0) {
      throw ValueError(fmt::format(
          "AlexNet: filters holds {}; two groups of convolutions need even numbers", filters));
    }
  }
}

}  // namespace

Model AlexNet(AlexNetOptions options) {
  check(options);
  const KerasTensor input = Input(options.input_shape);
  KerasTensor x = input;
  for (std::size_t i = 0; i < std::size(kConvolutions); ++i) {
    const Convolution& c = kConvolutions[i];
    const std::string number = std::to_string(i + 1);
    x = Conv2D(options.filters[i], c.window,
               {.strides = c.stride,
                .padding = c.padding,
                .groups = c.groups,
                .activation = "relu",
                .kernel_initializer = options.kernel_initializer,
                .bias_initializer = initializers::Constant(c.bias),
                .name = "conv" + number})(x);
    if (c.normalised) x = LocalResponseNormalization({.name = "norm" + number})(x);
    if (c.pooled) x = MaxPooling2D(3, {.strides = 2, .name = "pool" + number})(x);
  }
  x = Flatten({.name = "flatten"})(x);
  for (const char* name : {"6", "7"}) {
    x = Dense(options.units, {.activation = "relu",
                              .kernel_initializer = options.kernel_initializer,
                              .bias_initializer = "ones",
                              .name = std::string("fc") + name})(x);
    x = Dropout(options.dropout, {.name = std::string("drop") + name})(x);
  }
  x = Dense(options.classes, {.activation = options.classifier_activation,
                              .kernel_initializer = options.kernel_initializer,
                              .name = "fc8"})(x);
  return Model(input, x, options.name);
}

}  // namespace sinew::applications
