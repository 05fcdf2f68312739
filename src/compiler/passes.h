#pragma once

#include "compiler/compile.h"
#include "runtime/executable.h"
#include "sinew/graph/graph.h"

namespace sinew::compiler {

/// Removes what is dead, computed twice or an identity, folds constants, and moves work to where it
/// is smaller.
Graph simplify(const Graph& graph);

/// Computes in float32 what cannot or must not be computed in bfloat16: needed where a graph stores
/// any.
bool stores_bfloat16(const Graph& graph);
Graph widen(const Graph& graph);

/// Leaves out casts round ops that compute in float32 on data that lie in bfloat16.
Graph narrow(const Graph& graph);

/// Turns element-wise nodes into loops: chains (and the branches between them) over one domain
/// become one "fused" node, and independent loops of the same body that end the step (the
/// optimizer's) become one with several segments. Also folds bias and activation into matmul and
/// conv, and max-pooling into the convolutions beside it.
Graph fuse(const Graph& graph);

/// Lets every kernel read variables in the layout it wants, from copies that whatever updates the
/// variable updates too. Activations stay row-major NHWC (docs/architecture.md has the figures).
Graph layout(const Graph& graph, const KernelChooser& choose = {});

/// Orders the nodes so that readers of a variable's old value come before the node that makes its
/// new one, and values die early.
Graph schedule(const Graph& graph);

/// Nodes -> steps with kernels; arena offsets are left open. `kernels[i]` belongs to step i.
struct Lowered {
  runtime::Program program;
  std::vector<std::unique_ptr<runtime::Kernel>> kernels;
};
Lowered lower(const Graph& graph, const KernelChooser& choose = {});

/// Gives every arena operand its offset: buffers whose lives do not overlap share memory, and an
/// operand is written in place of one that dies where the kernel allows it.
void plan_memory(Lowered& lowered);

}  // namespace sinew::compiler
