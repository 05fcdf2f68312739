#pragma once

#include "sinew/nn/layer.h"
#include "sinew/nn/layers/options.h"

namespace sinew::layers {

/// (N, a, b, …) -> (N, a * b * …); (N,) -> (N, 1).
LayerPtr Flatten(LayerOptions options = {});
/// Zeros around an image: (N, rows, columns, channels) -> (N, top + rows + bottom, left + columns +
/// right, channels).
LayerPtr ZeroPadding2D(Border2D padding = 1, LayerOptions options = {});
/// (N, …) -> (N,) + target_shape, of as many elements; one extent may be -1.
LayerPtr Reshape(Shape target_shape, LayerOptions options = {});

}  // namespace sinew::layers
