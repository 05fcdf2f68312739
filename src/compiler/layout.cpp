#include "compiler/passes.h"
#include "compiler/rewrite.h"

namespace sinew::compiler {

Graph layout(const Graph& graph) {
  Rewriter rewrite(graph);
  for (const Node& node : graph.nodes()) rewrite.copy(node);
  return rewrite.finish();
}

}  // namespace sinew::compiler
