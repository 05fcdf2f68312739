#pragma once

#include "sinew/graph/graph.h"

namespace sinew::compiler {

/// Part of fuse(): element-wise nodes become "fused" loops, chains and branches over one domain one
/// loop.
Graph fuse_elementwise(const Graph& graph);

}  // namespace sinew::compiler
