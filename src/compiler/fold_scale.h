#pragma once

#include "sinew/graph/graph.h"

namespace sinew::compiler {

/// Part of fuse(): numbers a channel that scale and shift a convolution's result (batch
/// normalisation in inference) become part of its kernel and bias.
Graph fold_scale(const Graph& graph);

}  // namespace sinew::compiler
