#pragma once

#include <map>
#include <string>
#include <vector>

#include "sinew/graph/graph.h"

namespace sinew {

/// Compiles and runs what the given values need, once: for tests and debugging. `inputs` gives the
/// graph's inputs by name; variables are read, not updated.
std::vector<Tensor> eval(const std::vector<Value>& values,
                         const std::map<std::string, Tensor>& inputs = {});
Tensor eval(Value value, const std::map<std::string, Tensor>& inputs = {});

}  // namespace sinew
