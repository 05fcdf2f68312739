#include "compiler/combine.h"
#include "compiler/fuse_elementwise.h"
#include "compiler/fuse_epilogue.h"
#include "compiler/passes.h"

namespace sinew::compiler {

Graph fuse(const Graph& graph) { return combine(fuse_elementwise(fuse_epilogue(graph))); }

}  // namespace sinew::compiler
