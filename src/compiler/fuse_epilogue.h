#pragma once

#include "sinew/graph/graph.h"

namespace sinew::compiler {

/// Part of fuse(): bias and relu become part of the matmul or conv before them, and a bias's
/// gradient part of the filter's.
Graph fuse_epilogue(const Graph& graph);

}  // namespace sinew::compiler
