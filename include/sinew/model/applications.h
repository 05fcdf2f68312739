#pragma once

#include "sinew/model/model.h"
#include "sinew/nn/layers.h"

/// Published networks, ready to be compiled.
namespace sinew::applications {

struct CifarResNetOptions {
  Shape input_shape = {32, 32, 3};
  std::int64_t classes = 10;
  ActivationFunction classifier_activation = "softmax";
  /// Whether convolutions have a bias, as in Keras's example; the paper's have none.
  bool use_bias = true;
  /// Of the convolutions. The paper and Keras's example use L2(1e-4).
  Regularizer kernel_regularizer = {};
  /// Default: "resnet20" for depth 20.
  std::string name = {};
};
/// The residual network for small images (He et al. 2015, "Deep residual learning for image
/// recognition", section 4.2) of 6 n + 2 layers: a 3 x 3 convolution, three stages of n blocks with
/// 16, 32 and 64 filters, the second and third beginning with stride 2, then the mean over the
/// image and a Dense layer. A block is conv, batch normalisation, relu, conv, batch normalisation,
/// plus its input, relu; where the size changes the input goes through a 1 x 1 convolution, as in
/// Keras's example cifar10_resnet (version 1). (N, rows, columns, channels) -> (N, classes).
/// Throws ValueError unless the depth is 8, 14, 20, …
Model CifarResNet(std::int64_t depth, CifarResNetOptions options = {});

}  // namespace sinew::applications
