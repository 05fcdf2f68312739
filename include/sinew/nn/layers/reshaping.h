#pragma once

#include <string>
#include <vector>

#include "sinew/nn/layer.h"
#include "sinew/nn/layers/options.h"

namespace sinew::layers {

/// (N, a, b, …) -> (N, a * b * …); (N,) -> (N, 1).
LayerPtr Flatten(LayerOptions options = {});
/// Zeros around an image: (N, rows, columns, channels) -> (N, top + rows + bottom, left + columns +
/// right, channels).
LayerPtr ZeroPadding2D(Border2D padding = 1, LayerOptions options = {});
/// The same for a sequence (N, steps, features) and a volume (N, depth, rows, columns, channels).
LayerPtr ZeroPadding1D(Border padding = 1, LayerOptions options = {});
LayerPtr ZeroPadding3D(Border3D padding = 1, LayerOptions options = {});
/// Takes cells away at both ends of each axis between batch and channels; one or more must stay.
LayerPtr Cropping1D(Border cropping = 1, LayerOptions options = {});
LayerPtr Cropping2D(Border2D cropping = 0, LayerOptions options = {});
LayerPtr Cropping3D(Border3D cropping = 1, LayerOptions options = {});

/// Each step `size` times: (N, steps, features) -> (N, size steps, features).
LayerPtr UpSampling1D(std::int64_t size = 2, LayerOptions options = {});
struct UpSampling2DOptions {
  /// "nearest": each cell `size` times. "bilinear": cells between two are a mean weighted by
  /// distance of centres; beyond the outermost centres nothing changes.
  std::string interpolation = "nearest";
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
};
/// (N, rows, columns, channels) -> (N, size.rows rows, size.columns columns, channels).
LayerPtr UpSampling2D(Size2D size = 2, UpSampling2DOptions options = {});
/// Each cell `size` times, in all three directions.
LayerPtr UpSampling3D(Size3D size = 2, LayerOptions options = {});

/// Reorders the axes: `dims` names each of them once, counted from 1 (the batch stays first).
LayerPtr Permute(std::vector<std::int64_t> dims, LayerOptions options = {});
/// (N, features) -> (N, n, features).
LayerPtr RepeatVector(std::int64_t n, LayerOptions options = {});
/// (N, …) -> (N,) + target_shape, of as many elements; one extent may be -1.
LayerPtr Reshape(Shape target_shape, LayerOptions options = {});

}  // namespace sinew::layers
