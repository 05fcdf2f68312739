#include <fmt/format.h>

#include "applications/options.h"
#include "sinew/applications/image_classifiers.h"

namespace sinew::applications {
namespace {

using namespace layers;

KerasTensor normalised(const KerasTensor& input, const std::string& name) {
  return BatchNormalization({.axis = 3, .epsilon = 1.001e-5, .name = name + "_bn"})(input);
}

/// Keras's residual_block_v1.
KerasTensor block(const KerasTensor& input, std::int64_t filters, std::int64_t stride,
                  bool projected, const std::string& name) {
  const auto conv = [&](const KerasTensor& x, std::int64_t outputs, std::int64_t window,
                        std::int64_t step, const char* place) {
    const std::string full = name + place;
    return normalised(
        Conv2D(
            outputs, window,
            {.strides = step, .padding = window > 1 ? "same" : "valid", .name = full + "_conv"})(x),
        full);
  };
  KerasTensor shortcut = input;
  if (projected) shortcut = conv(input, 4 * filters, 1, stride, "_0");
  KerasTensor x = conv(input, filters, 1, stride, "_1");
  x = Activation("relu", {.name = name + "_1_relu"})(x);
  x = conv(x, filters, 3, 1, "_2");
  x = Activation("relu", {.name = name + "_2_relu"})(x);
  x = conv(x, 4 * filters, 1, 1, "_3");
  x = Add({.name = name + "_add"})({shortcut, x});
  return Activation("relu", {.name = name + "_out"})(x);
}

}  // namespace

Model ResNet50(ResNet50Options options) {
  constexpr std::size_t kStages = 4;
  expect_images("ResNet50", options.input_shape, 32);
  expect_at_least("ResNet50", "classes", options.classes);
  expect_at_least("ResNet50", "filters", options.filters);
  expect_entries("ResNet50", "blocks", options.blocks, kStages);
  const KerasTensor input = Input(options.input_shape);
  KerasTensor x = ZeroPadding2D(3, {.name = "conv1_pad"})(input);
  x = Conv2D(options.filters, 7, {.strides = 2, .name = "conv1_conv"})(x);
  x = normalised(x, "conv1");
  x = Activation("relu", {.name = "conv1_relu"})(x);
  x = ZeroPadding2D(1, {.name = "pool1_pad"})(x);
  x = MaxPooling2D(3, {.strides = 2, .name = "pool1_pool"})(x);
  for (std::size_t stage = 0; stage < kStages; ++stage) {
    for (std::int64_t i = 0; i < options.blocks[stage]; ++i) {
      x = block(x, options.filters << stage, stage > 0 && i == 0 ? 2 : 1, i == 0,
                fmt::format("conv{}_block{}", stage + 2, i + 1));
    }
  }
  x = GlobalAveragePooling2D({.name = "avg_pool"})(x);
  x = Dense(options.classes,
            {.activation = options.classifier_activation, .name = "predictions"})(x);
  return Model(input, x, options.name);
}

}  // namespace sinew::applications
