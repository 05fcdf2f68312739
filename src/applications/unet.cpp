#include "sinew/applications/unet.h"

#include <fmt/format.h>

#include "applications/options.h"
#include "sinew/base/error.h"

namespace sinew::applications {
namespace {

using namespace layers;

void check(const UNetOptions& options) {
  expect_at_least("UNet", "classes", options.classes);
  expect_at_least("UNet", "filters", options.filters);
  if (options.depth < 1 || options.depth > 16) {
    throw ValueError(fmt::format("UNet: depth is {}; it must be from 1 to 16", options.depth));
  }
  expect_images("UNet", options.input_shape, std::int64_t{1} << options.depth);
  if (options.padding == "valid") return;
  if (options.padding != "same") {
    throw ValueError(
        fmt::format("UNet: padding is '{}'; it must be 'same' or 'valid'", options.padding));
  }
  for (int axis : {0, 1}) {
    if (options.input_shape[axis] % (std::int64_t{1} << options.depth) != 0) {
      throw ValueError(
          fmt::format("UNet: input_shape is {}; with padding 'same' and depth {} rows and columns "
                      "must be multiples of {}",
                      options.input_shape.str(), options.depth, std::int64_t{1} << options.depth));
    }
  }
}

KerasTensor two_convolutions(KerasTensor x, std::int64_t filters, const UNetOptions& options,
                             const std::string& name) {
  for (const char* number : {"_conv1", "_conv2"}) {
    x = Conv2D(filters, 3,
               {.padding = options.padding,
                .activation = "relu",
                .kernel_initializer = "he_normal",
                .name = name + number})(x);
  }
  return x;
}

/// The middle of `wide`, of as many cells as `narrow`.
KerasTensor cropped(const KerasTensor& wide, const KerasTensor& narrow, const std::string& name) {
  const std::int64_t rows = wide.shape()[1] - narrow.shape()[1];
  const std::int64_t columns = wide.shape()[2] - narrow.shape()[2];
  if (rows == 0 && columns == 0) return wide;
  return Cropping2D({{rows / 2, rows - rows / 2}, {columns / 2, columns - columns / 2}},
                    {.name = name})(wide);
}

}  // namespace

Model UNet(UNetOptions options) {
  check(options);
  const KerasTensor input = Input(options.input_shape);
  KerasTensor x = input;
  std::vector<KerasTensor> levels;
  for (std::int64_t level = 0; level < options.depth; ++level) {
    const std::string name = fmt::format("down{}", level + 1);
    levels.push_back(two_convolutions(x, options.filters << level, options, name));
    x = MaxPooling2D(2, {.name = name + "_pool"})(levels.back());
  }
  x = two_convolutions(x, options.filters << options.depth, options, "bottom");
  for (std::int64_t level = options.depth - 1; level >= 0; --level) {
    const std::string name = fmt::format("up{}", level + 1);
    const std::int64_t filters = options.filters << level;
    x = Conv2DTranspose(filters, 2, {.strides = 2, .name = name + "_conv0"})(x);
    const KerasTensor& skipped = levels[static_cast<std::size_t>(level)];
    x = Concatenate({.name = name + "_join"})({cropped(skipped, x, name + "_crop"), x});
    x = two_convolutions(x, filters, options, name);
  }
  x = Conv2D(options.classes, 1,
             {.activation = options.classifier_activation, .name = "classes"})(x);
  return Model(input, x, options.name);
}

}  // namespace sinew::applications
