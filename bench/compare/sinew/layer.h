#pragma once

#include <sinew/compiler/evaluator.h>
#include <sinew/sinew.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "../protocol.h"

namespace compare {

/// One layer's output, and the gradients of its floating inputs and trainable weights for a given
/// gradient of the output.
class Layer {
 public:
  /// A "prepare" request: the config of a model that is the layer alone, weights and data files
  /// ("x0", "x1", …, "upstream"), training.
  explicit Layer(const Json& request);

  void step();
  /// Writes "output", "x0", … and the weights' gradients under the weights' names.
  void check(const std::string& path);

 private:
  std::map<std::string, sinew::Tensor> inputs_;
  std::vector<std::string> names_;
  std::optional<sinew::Evaluator> evaluator_;
};

}  // namespace compare
