#pragma once

#include <span>
#include <vector>

#include "sinew/graph/graph.h"

namespace sinew {

/// Gradients of sum(output * cotangent) with respect to `inputs`, by reverse mode (Griewank and
/// Walther, "Evaluating Derivatives", 2008, ch. 3): appends ordinary nodes to the output's graph,
/// so gradients can be differentiated again. `cotangent` has the output's type; undefined means
/// ones. Where the output does not depend on an input, that gradient is zeros of the input's type.
/// Throws DTypeError when the output or an input is not floating.
std::vector<Value> gradients(Value output, std::span<const Value> inputs, Value cotangent = {});

}  // namespace sinew
