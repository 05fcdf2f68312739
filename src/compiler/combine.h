#pragma once

#include "sinew/graph/graph.h"

namespace sinew::compiler {

/// Part of fuse(): "fused" loops with the same body whose results only leave the step (variables'
/// new values, outputs) become one loop over several segments. This is the multi-tensor optimizer
/// step.
Graph combine(const Graph& graph);

}  // namespace sinew::compiler
