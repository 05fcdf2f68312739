#pragma once

#include <optional>
#include <vector>

#include "sinew/nn/layer.h"

namespace sinew::layers {

struct DropoutOptions {
  /// Extents of the mask, with the batch extent first; -1 is the input's, and 1 shares the decision
  /// along that axis. Default: every element by itself.
  std::vector<std::int64_t> noise_shape = {};
  /// Keys this layer's masks in place of the model's seed.
  std::optional<std::int64_t> seed = {};
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
};
/// In training each element is zero with probability `rate` and divided by (1 - rate) otherwise
/// (Srivastava et al. 2014, inverted); in inference nothing happens. Keeps the shape. 0 <= rate
/// <= 1.
LayerPtr Dropout(double rate, DropoutOptions options = {});

struct AlphaDropoutOptions {
  /// As Dropout's.
  std::vector<std::int64_t> noise_shape = {};
  std::optional<std::int64_t> seed = {};
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
};
/// Dropout for networks of selu (Klambauer et al. 2017): dropped elements take selu's lowest value,
/// and all are scaled and shifted so that mean and variance stay.
LayerPtr AlphaDropout(double rate, AlphaDropoutOptions options = {});

struct NoiseOptions {
  /// Keys this layer's numbers in place of the model's seed.
  std::optional<std::int64_t> seed = {};
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
};
/// In training each element times a normal number of mean 1 and variance rate / (1 - rate)
/// (Srivastava et al. 2014, section 10). 0 <= rate < 1.
LayerPtr GaussianDropout(double rate, NoiseOptions options = {});
/// In training each element plus a normal number of mean 0. 0 <= stddev <= 1, as in Keras.
LayerPtr GaussianNoise(double stddev, NoiseOptions options = {});

using SpatialDropoutOptions = NoiseOptions;
/// Dropout of whole channels of a sequence (N, steps, features), an image (N, rows, columns,
/// channels) or a volume (N, depth, rows, columns, channels) (Tompson et al. 2015).
LayerPtr SpatialDropout1D(double rate, SpatialDropoutOptions options = {});
LayerPtr SpatialDropout2D(double rate, SpatialDropoutOptions options = {});
LayerPtr SpatialDropout3D(double rate, SpatialDropoutOptions options = {});

struct ActivityRegularizationOptions {
  double l1 = 0.0;
  double l2 = 0.0;
  Shape input_shape = {};
  std::string name = {};
  DTypePolicy dtype = {};
};
/// Changes nothing, and adds l1 sum |x| + l2 sum x^2, per sample, to the loss.
LayerPtr ActivityRegularization(ActivityRegularizationOptions options = {});

}  // namespace sinew::layers
