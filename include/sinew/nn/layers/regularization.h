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

}  // namespace sinew::layers
