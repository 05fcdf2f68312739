#pragma once

#include "sinew/nn/layer.h"
#include "sinew/nn/layers/options.h"

namespace sinew::layers {

struct Pooling2DOptions {
  /// Default: the pool size, so that windows do not overlap.
  Size2D strides = {};
  std::string padding = "valid";
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
};
/// Largest element of each window: (N, rows, columns, channels) -> (N, new rows, new columns,
/// channels).
LayerPtr MaxPooling2D(Size2D pool_size = {2, 2}, Pooling2DOptions options = {});
/// Mean of each window; cells of padding `same` are not counted.
LayerPtr AveragePooling2D(Size2D pool_size = {2, 2}, Pooling2DOptions options = {});

struct GlobalPooling2DOptions {
  /// Keeps the pooled axes with extent 1.
  bool keepdims = false;
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
};
/// Mean of each channel over the whole image: (N, rows, columns, channels) -> (N, channels), or (N,
/// 1, 1, channels) with keepdims.
LayerPtr GlobalAveragePooling2D(GlobalPooling2DOptions options = {});
/// The same with the largest element.
LayerPtr GlobalMaxPooling2D(GlobalPooling2DOptions options = {});

struct GlobalPooling1DOptions {
  bool keepdims = false;
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
};
/// Mean over the steps: (N, T, features) -> (N, features), or (N, 1, features) with keepdims.
LayerPtr GlobalAveragePooling1D(GlobalPooling1DOptions options = {});

}  // namespace sinew::layers
