#pragma once

#include "sinew/nn/layer.h"
#include "sinew/nn/layers/options.h"

/// Pooling of sequences (N, steps, features), images (N, rows, columns, channels) and volumes (N,
/// depth, rows, columns, channels).
namespace sinew::layers {

template <typename Size>
struct PoolingOptions {
  /// Default: the pool size, so that windows do not overlap.
  Size strides = {};
  std::string padding = "valid";
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
};
using Pooling1DOptions = PoolingOptions<Size1D>;
using Pooling2DOptions = PoolingOptions<Size2D>;
using Pooling3DOptions = PoolingOptions<Size3D>;
/// Largest element of each window: (N, cells…, channels) -> (N, new cells…, channels).
LayerPtr MaxPooling1D(Size1D pool_size = 2, Pooling1DOptions options = {});
LayerPtr MaxPooling2D(Size2D pool_size = 2, Pooling2DOptions options = {});
LayerPtr MaxPooling3D(Size3D pool_size = 2, Pooling3DOptions options = {});
/// Mean of each window; cells of padding `same` are not counted.
LayerPtr AveragePooling1D(Size1D pool_size = 2, Pooling1DOptions options = {});
LayerPtr AveragePooling2D(Size2D pool_size = 2, Pooling2DOptions options = {});
LayerPtr AveragePooling3D(Size3D pool_size = 2, Pooling3DOptions options = {});

struct GlobalPoolingOptions {
  /// Keeps the pooled axes with extent 1.
  bool keepdims = false;
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
};
using GlobalPooling1DOptions = GlobalPoolingOptions;
using GlobalPooling2DOptions = GlobalPoolingOptions;
using GlobalPooling3DOptions = GlobalPoolingOptions;
/// Mean of each channel over all cells: (N, cells…, channels) -> (N, channels), or (N, 1…,
/// channels) with keepdims.
LayerPtr GlobalAveragePooling1D(GlobalPooling1DOptions options = {});
LayerPtr GlobalAveragePooling2D(GlobalPooling2DOptions options = {});
LayerPtr GlobalAveragePooling3D(GlobalPooling3DOptions options = {});
/// The same with the largest element.
LayerPtr GlobalMaxPooling1D(GlobalPooling1DOptions options = {});
LayerPtr GlobalMaxPooling2D(GlobalPooling2DOptions options = {});
LayerPtr GlobalMaxPooling3D(GlobalPooling3DOptions options = {});

/// Windows such that the output has `output_size` cells whatever the input: cell i of an axis sees
/// cells [floor(i input / output), ceil((i + 1) input / output)).
LayerPtr AdaptiveAveragePooling1D(Size1D output_size, LayerOptions options = {});
LayerPtr AdaptiveAveragePooling2D(Size2D output_size, LayerOptions options = {});
LayerPtr AdaptiveAveragePooling3D(Size3D output_size, LayerOptions options = {});
LayerPtr AdaptiveMaxPooling1D(Size1D output_size, LayerOptions options = {});
LayerPtr AdaptiveMaxPooling2D(Size2D output_size, LayerOptions options = {});
LayerPtr AdaptiveMaxPooling3D(Size3D output_size, LayerOptions options = {});

}  // namespace sinew::layers
