#include <fmt/format.h>

#include "sinew/applications/image_classifiers.h"
#include "sinew/base/error.h"

namespace sinew::applications {
namespace {

using namespace layers;

/// Convolution with "same" padding, He's initializer for relu, and the network's options.
LayerPtr conv(std::int64_t filters, std::int64_t window, std::int64_t stride,
              const CifarResNetOptions& options) {
  return Conv2D(filters, window,
                {.strides = stride,
                 .padding = "same",
                 .use_bias = options.use_bias,
                 .kernel_initializer = "he_normal",
                 .kernel_regularizer = options.kernel_regularizer});
}

KerasTensor block(const KerasTensor& input, std::int64_t filters, std::int64_t stride,
                  const CifarResNetOptions& options) {
  KerasTensor x = conv(filters, 3, stride, options)(input);
  x = BatchNormalization()(x);
  x = Activation("relu")(x);
  x = conv(filters, 3, 1, options)(x);
  x = BatchNormalization()(x);
  const KerasTensor shortcut = stride == 1 ? input : conv(filters, 1, stride, options)(input);
  x = Add()({shortcut, x});
  return Activation("relu")(x);
}

}  // namespace

Model CifarResNet(std::int64_t depth, CifarResNetOptions options) {
  if (depth < 8 || (depth - 2) % 6 != 0) {
    throw ValueError(fmt::format(
        "CifarResNet: depth is {}; three stages of n blocks have 6 n + 2 layers: 8, 14, 20, 32, …",
        depth));
  }
  const KerasTensor input = Input(options.input_shape);
  std::int64_t filters = 16;
  KerasTensor x = conv(filters, 3, 1, options)(input);
  x = BatchNormalization()(x);
  x = Activation("relu")(x);
  for (int stage = 0; stage < 3; ++stage, filters *= 2) {
    for (std::int64_t i = 0; i < (depth - 2) / 6; ++i)
      x = block(x, filters, stage > 0 && i == 0 ? 2 : 1, options);
  }
  x = GlobalAveragePooling2D()(x);
  x = Dense(options.classes,
            {.activation = options.classifier_activation, .kernel_initializer = "he_normal"})(x);
  if (options.name.empty()) options.name = fmt::format("resnet{}", depth);
  return Model(input, x, options.name);
}

}  // namespace sinew::applications
