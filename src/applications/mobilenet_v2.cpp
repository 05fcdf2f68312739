#include <fmt/format.h>

#include "applications/options.h"
#include "sinew/applications/image_classifiers.h"
#include "sinew/base/error.h"

namespace sinew::applications {
namespace {

using namespace layers;

/// Blocks of the paper's table 2: filters, and the stride of the first of `count`.
struct Stage {
  std::int64_t filters, count, stride;
};
constexpr Stage kStages[] = {{16, 1, 1}, {24, 2, 2},  {32, 3, 2}, {64, 4, 2},
                             {96, 3, 1}, {160, 3, 2}, {320, 1, 1}};
constexpr std::int64_t kExpansion = 6;

/// The nearest multiple of 8, at least 8, and at least 90 % of the number.
std::int64_t divisible(double filters) {
  const std::int64_t rounded =
      std::max<std::int64_t>(8, static_cast<std::int64_t>(filters + 4) / 8 * 8);
  return static_cast<double>(rounded) < 0.9 * filters ? rounded + 8 : rounded;
}

KerasTensor normalised(const KerasTensor& input, const std::string& name) {
  return BatchNormalization({.momentum = 0.999, .epsilon = 1e-3, .name = name})(input);
}

KerasTensor relu6(const KerasTensor& input, const std::string& name) {
  return ReLU({.max_value = 6.0, .name = name})(input);
}

KerasTensor pointwise(const KerasTensor& input, std::int64_t filters, const std::string& name) {
  return Conv2D(filters, 1, {.padding = "same", .use_bias = false, .name = name})(input);
}

/// Zeros before a window of 3 x 3 with stride 2, so that it ends at the image's last cell.
Border2D padding_of(const Shape& shape) {
  return {Border{shape[1] % 2, 1}, Border{shape[2] % 2, 1}};
}

KerasTensor block(const KerasTensor& input, std::int64_t filters, std::int64_t stride, int number) {
  const std::string prefix = number ? fmt::format("block_{}_", number) : "expanded_conv_";
  const std::int64_t channels = input.shape()[3];
  KerasTensor x = input;
  if (number > 0) {
    x = pointwise(x, kExpansion * channels, prefix + "expand");
    x = relu6(normalised(x, prefix + "expand_BN"), prefix + "expand_relu");
  }
  if (stride == 2) x = ZeroPadding2D(padding_of(x.shape()), {.name = prefix + "pad"})(x);
  x = DepthwiseConv2D(3, {.strides = stride,
                          .padding = stride == 1 ? "same" : "valid",
                          .use_bias = false,
                          .name = prefix + "depthwise"})(x);
  x = relu6(normalised(x, prefix + "depthwise_BN"), prefix + "depthwise_relu");
  x = normalised(pointwise(x, filters, prefix + "project"), prefix + "project_BN");
  if (channels != filters || stride != 1) return x;
  return Add({.name = prefix + "add"})({input, x});
}

}  // namespace

Model MobileNetV2(MobileNetV2Options options) {
  expect_images("MobileNetV2", options.input_shape, 32);
  expect_at_least("MobileNetV2", "classes", options.classes);
  if (!(options.alpha > 0 && options.alpha <= 16)) {
    throw ValueError(
        fmt::format("MobileNetV2: alpha is {}; it must be above 0 and at most 16", options.alpha));
  }
  const KerasTensor input = Input(options.input_shape);
  KerasTensor x =
      Conv2D(divisible(32 * options.alpha), 3,
             {.strides = 2, .padding = "same", .use_bias = false, .name = "Conv1"})(input);
  x = relu6(normalised(x, "bn_Conv1"), "Conv1_relu");
  int number = 0;
  for (const Stage& stage : kStages) {
    // Keras rounds down before it rounds to multiples of 8.
    const auto width =
        static_cast<std::int64_t>(static_cast<double>(stage.filters) * options.alpha);
    for (std::int64_t i = 0; i < stage.count; ++i) {
      x = block(x, divisible(static_cast<double>(width)), i == 0 ? stage.stride : 1, number++);
    }
  }
  const std::int64_t last = options.alpha > 1 ? divisible(1280 * options.alpha) : 1280;
  x = Conv2D(last, 1, {.use_bias = false, .name = "Conv_1"})(x);
  x = relu6(normalised(x, "Conv_1_bn"), "out_relu");
  x = GlobalAveragePooling2D()(x);
  x = Dense(options.classes,
            {.activation = options.classifier_activation, .name = "predictions"})(x);
  if (options.name.empty())
    options.name = fmt::format("mobilenetv2_{:.2f}_{}", options.alpha, options.input_shape[0]);
  return Model(input, x, options.name);
}

}  // namespace sinew::applications
