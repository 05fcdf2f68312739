#pragma once

#include "sinew/model/model.h"
#include "sinew/nn/layers.h"

namespace sinew::applications {

struct UNetOptions {
  /// With "same" padding rows and columns are multiples of 2^depth.
  Shape input_shape = {512, 512, 1};
  std::int64_t classes = 2;
  /// How often the image is halved on the way down.
  std::int64_t depth = 4;
  /// Of the first level; each further level has twice as many.
  std::int64_t filters = 64;
  /// "valid", as in the paper, loses a border at each convolution: 572 x 572 cells become 388 x
  /// 388.
  std::string padding = "same";
  ActivationFunction classifier_activation = "softmax";
  std::string name = "unet";
};
/// Ronneberger et al. 2015, "U-Net: convolutional networks for biomedical image segmentation",
/// figure 1: on the way down two convolutions of 3 x 3 with relu a level and pooling between
/// levels; on the way up transposed convolutions of 2 x 2, each joined with the (cropped) result of
/// its level on the way down; then 1 x 1. (N, rows, columns, channels) -> (N, rows, columns,
/// classes). 31,030,658 parameters. Throws ValueError naming the option that is out of range.
Model UNet(UNetOptions options = {});

}  // namespace sinew::applications
