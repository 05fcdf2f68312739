#pragma once

#include "sinew/graph/graph.h"

namespace sinew::compiler {

/// Part of fuse: puts max-pooling into the convolution that it alone reads, and its backward pass
/// into the filter's gradient that alone reads that, where the backend has a kernel for both. The
/// tensor between them, the largest of an image network, is then never written.
Graph fuse_pool(const Graph& graph);

}  // namespace sinew::compiler
