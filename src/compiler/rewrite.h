#pragma once

#include <map>
#include <vector>

#include "runtime/backend.h"
#include "sinew/graph/graph.h"

namespace sinew::compiler {

/// Builds a pass's result: a new graph into which nodes of the old one are copied, replaced or left
/// out, in order.
class Rewriter {
 public:
  explicit Rewriter(const Graph& from);

  /// Where a value of the old graph is found in the new one; throws InternalError when it has not
  /// been mapped yet.
  ValueId operator()(ValueId old) const;
  bool mapped(ValueId old) const;
  void map(ValueId old, ValueId replacement);
  /// Copies a node with its inputs mapped, and maps its outputs.
  int copy(const Node& node);
  Graph& graph() { return to_; }
  /// Maps outputs and updates and gives the new graph away.
  Graph finish();

 private:
  const Graph& from_;
  Graph to_;
  std::vector<std::vector<ValueId>> map_;
};

/// The value behind the views through which one is seen: the owner of the buffer.
ValueId behind_views(const Graph& graph, ValueId id);

/// What a node with inputs in this graph asks of the backend.
runtime::KernelRequest request_of(const Graph& graph, const Node& node);

/// For each node, how many inputs of others, outputs and updates are values of its.
std::vector<int> count_uses(const Graph& graph);

/// The nodes that read each value, in order; -1 stands for an output or an update.
std::map<ValueId, std::vector<int>> readers_of(const Graph& graph);

/// For each node, whether an output or an update depends on it.
std::vector<bool> live_nodes(const Graph& graph);

/// The graph without the nodes that nothing depends on.
Graph drop_dead(const Graph& graph);

/// The value of a constant whose elements are all equal, such as a scalar; nothing for other nodes.
struct Uniform {
  bool found = false;
  double value = 0;
};
Uniform uniform_constant(const Node& node);

}  // namespace sinew::compiler
