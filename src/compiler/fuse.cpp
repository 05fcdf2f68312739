#include "compiler/combine.h"
#include "compiler/fuse_elementwise.h"
#include "compiler/passes.h"

namespace sinew::compiler {

Graph fuse(const Graph& graph) { return combine(fuse_elementwise(graph)); }

}  // namespace sinew::compiler
