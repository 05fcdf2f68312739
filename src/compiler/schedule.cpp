// Needs: a valid graph. Guarantees: the same nodes without the dead ones, in the order of their
// declaration, but for those that only make a variable's new value and that nobody else reads: they
// come last, so that the value can be written straight into the variable after every reader of the
// old one.
//
//   %2 = adam(w, g)          %3 = matmul(x, w)
//   %3 = matmul(x, w)   ->   %4 = sum(%3)
//   %4 = sum(%3)             %2 = adam(w, g)

#include <algorithm>
#include <set>

#include "compiler/passes.h"
#include "compiler/rewrite.h"
#include "sinew/graph/op.h"

namespace sinew::compiler {
namespace {

/// Nodes that only feed updates, so that they can wait until all else is done.
std::vector<bool> only_for_updates(const Graph& graph) {
  std::vector<bool> needed(graph.nodes().size(), false);
  for (const Graph::NamedValue& output : graph.outputs())
    needed[static_cast<std::size_t>(output.value.node)] = true;
  std::vector<bool> updating(graph.nodes().size(), false);
  for (const Graph::Update& update : graph.updates())
    updating[static_cast<std::size_t>(update.value.node)] = true;
  std::vector<bool> read(graph.nodes().size(), false);
  for (const Node& node : graph.nodes()) {
    for (ValueId id : node.inputs) read[static_cast<std::size_t>(id.node)] = true;
  }
  std::vector<bool> result(graph.nodes().size(), false);
  for (std::size_t i = 0; i < result.size(); ++i) result[i] = updating[i] && !read[i] && !needed[i];
  return result;
}

}  // namespace

Graph schedule(const Graph& graph) {
  const std::vector<bool> live = live_nodes(graph);
  const std::vector<bool> last = only_for_updates(graph);
  Rewriter rewrite(graph);
  for (const Node& node : graph.nodes()) {
    const auto i = static_cast<std::size_t>(node.id);
    if (live[i] && !last[i]) rewrite.copy(node);
  }
  for (const Node& node : graph.nodes()) {
    const auto i = static_cast<std::size_t>(node.id);
    if (live[i] && last[i]) rewrite.copy(node);
  }
  return rewrite.finish();
}

}  // namespace sinew::compiler
