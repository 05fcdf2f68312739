#pragma once

#include "sinew/graph/graph.h"

namespace sinew::compiler {

/// Part of simplify(): moves element-wise work to where it is smaller, through broadcasts, reshapes
/// and sums, and makes powers of products.
Graph shrink(const Graph& graph);

}  // namespace sinew::compiler
