#pragma once

#include <vector>

#include "sinew/model/model.h"
#include "sinew/nn/layers.h"

/// Published networks, ready to be compiled. These here classify images: (N, rows, columns,
/// channels) -> (N, classes). All throw ValueError naming the option that is out of range.
namespace sinew::applications {

struct LeNet5Options {
  /// "same" padding in the first convolution gives 28 x 28 images the maps of 32 x 32 ones.
  Shape input_shape = {28, 28, 1};
  std::int64_t classes = 10;
  ActivationFunction classifier_activation = "softmax";
  std::string name = "lenet5";
};
/// LeCun et al. 1998, "Gradient-based learning applied to document recognition", section II.B, in
/// the form that it is used in today: 6 and 16 filters of 5 x 5, each followed by tanh and the mean
/// of 2 x 2 cells, then 120, 84 and `classes` units. (The paper's second convolution sees some of
/// the maps only, its means have weights, its outputs are distances.) 61,706 parameters.
Model LeNet5(LeNet5Options options = {});

struct AlexNetOptions {
  Shape input_shape = {227, 227, 3};
  std::int64_t classes = 1000;
  /// Of the five convolutions.
  std::vector<std::int64_t> filters = {96, 256, 384, 384, 256};
  /// Of each of the two hidden layers.
  std::int64_t units = 4096;
  double dropout = 0.5;
  /// The paper's, for the network of its size; a smaller one learns with "he_normal".
  Initializer kernel_initializer = "RandomNormal(stddev=0.01)";
  ActivationFunction classifier_activation = "softmax";
  std::string name = "alexnet";
};
/// Krizhevsky et al. 2012, "ImageNet classification with deep convolutional neural networks",
/// section 3: five convolutions (the second, fourth and fifth in two groups), local response
/// normalisation after the first two, overlapping pooling, two hidden layers with dropout.
/// 60,965,224 parameters. Images have at least 67 x 67 cells.
Model AlexNet(AlexNetOptions options = {});

struct VGG16Options {
  Shape input_shape = {224, 224, 3};
  std::int64_t classes = 1000;
  /// Filters of the five blocks.
  std::vector<std::int64_t> filters = {64, 128, 256, 512, 512};
  /// Of each of the two hidden layers.
  std::int64_t units = 4096;
  ActivationFunction classifier_activation = "softmax";
  std::string name = "vgg16";
};
/// Simonyan and Zisserman 2015, "Very deep convolutional networks for large-scale image
/// recognition", configuration D: blocks of 2, 2, 3, 3 and 3 convolutions of 3 x 3 with relu, each
/// followed by pooling of 2 x 2, then two hidden layers. 138,357,544 parameters; layers, names and
/// weights of Keras's VGG16. Images have at least 32 x 32 cells.
Model VGG16(VGG16Options options = {});

struct ResNet50Options {
  Shape input_shape = {224, 224, 3};
  std::int64_t classes = 1000;
  /// Of the first convolution and the first stage's blocks; each stage has twice as many.
  std::int64_t filters = 64;
  /// Blocks of each stage.
  std::vector<std::int64_t> blocks = {3, 4, 6, 3};
  ActivationFunction classifier_activation = "softmax";
  std::string name = "resnet50";
};
/// He et al. 2015, "Deep residual learning for image recognition", table 1: a convolution of 7 x 7
/// and pooling, then stages of bottleneck blocks (convolutions of 1 x 1, 3 x 3 and 1 x 1 with four
/// times the filters, each with batch normalisation), then the mean over the image. 25,636,712
/// parameters, of which 53,120 are moving statistics; layers, names and weights of Keras's
/// ResNet50, which strides in a block's first convolution. Images have at least 32 x 32 cells.
Model ResNet50(ResNet50Options options = {});

struct MobileNetV2Options {
  Shape input_shape = {224, 224, 3};
  std::int64_t classes = 1000;
  /// The paper's width multiplier: filters are this times the published ones, rounded to a multiple
  /// of 8.
  double alpha = 1.0;
  ActivationFunction classifier_activation = "softmax";
  /// Default: Keras's, "mobilenetv2_1.00_224".
  std::string name = {};
};
/// Sandler et al. 2018, "MobileNetV2: inverted residuals and linear bottlenecks", table 2: 17
/// blocks that widen their input sixfold (the first not), convolve each channel by itself, and
/// narrow it again without an activation; a sum where input and output have one shape. 3,538,984
/// parameters, of which 34,112 are moving statistics; layers, names and weights of Keras's
/// MobileNetV2. Images have at least 32 x 32 cells.
Model MobileNetV2(MobileNetV2Options options = {});

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
/// The residual network for small images (He et al. 2015, section 4.2) of 6 n + 2 layers: a 3 x 3
/// convolution, three stages of n blocks with 16, 32 and 64 filters, the second and third beginning
/// with stride 2, then the mean over the image and a Dense layer. A block is conv, batch
/// normalisation, relu, conv, batch normalisation, plus its input, relu; where the size changes the
/// input goes through a 1 x 1 convolution, as in Keras's example cifar10_resnet (version 1).
/// 274,442 parameters at depth 20. Throws ValueError unless the depth is 8, 14, 20, …
Model CifarResNet(std::int64_t depth, CifarResNetOptions options = {});

}  // namespace sinew::applications
