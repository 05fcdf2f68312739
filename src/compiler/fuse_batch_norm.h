#pragma once

#include "sinew/graph/graph.h"

namespace sinew::compiler {

/// Part of fuse(): a sum with another value and relu become part of the batch normalisation before
/// them, and the gradient of relu and the sum of two gradients part of the batch normalisation's
/// backward pass.
Graph fuse_batch_norm(const Graph& graph);

}  // namespace sinew::compiler
