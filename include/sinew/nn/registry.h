#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sinew/nn/layer.h"

namespace sinew {

/// Makes the layer of a class name from its config, Keras's keys: what models loaded from JSON are
/// made of. Lists of extents use -1 where Keras has null ("batch_shape", "target_shape"); keys
/// whose value is null are absent; nested objects are identifiers (sinew/nn/identifier.h). Throws
/// ValueError naming the nearest known class, the nearest known key, or the value that does not
/// fit.
LayerPtr make_layer(const std::string& class_name, const Attributes& config);

/// Class names that make_layer knows, sorted.
std::vector<std::string> layer_names();

/// Makes a layer of the user's known to make_layer, before main() or at any time:
/// `const RegisterLayer mine("Mine", [](const Attributes& config) -> LayerPtr { … });`
class RegisterLayer {
 public:
  using Factory = std::function<LayerPtr(const Attributes& config)>;
  RegisterLayer(const std::string& class_name, Factory factory);
};

}  // namespace sinew
