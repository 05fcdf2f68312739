// Example, before and after, for two weights under plain gradient descent:
//   %7 = fused(w1, g1, lr) {code=[multiply 1 2, subtract 0 3]}
//   %8 = fused(w2, g2, lr) {code=[multiply 1 2, subtract 0 3]}
//     ->  %7 = fused(w1, g1, lr, w2, g2, lr) {code=…, segments=2}

#include "compiler/combine.h"

#include <map>

#include "compiler/rewrite.h"
#include "ops/fused.h"
#include "sinew/graph/op.h"

namespace sinew::compiler {
namespace {

/// Nodes "fused" that no other node reads, by body. Scalars' loops are left alone: they would only
/// add a segment each.
std::map<std::string, std::vector<int>> terminal_loops(const Graph& graph) {
  std::vector<bool> read(graph.nodes().size(), false);
  for (const Node& node : graph.nodes()) {
    for (ValueId id : node.inputs) read[static_cast<std::size_t>(id.node)] = true;
  }
  std::map<std::string, std::vector<int>> groups;
  for (const Node& node : graph.nodes()) {
    if (node.op->name != "fused" || read[static_cast<std::size_t>(node.id)]) continue;
    std::string key = node.attributes.str();
    for (const TensorType& type : node.outputs) key += name_of(type.dtype);
    groups[key].push_back(node.id);
  }
  return groups;
}

}  // namespace

Graph combine(const Graph& graph) {
  std::map<int, const std::vector<int>*> group_of;
  const auto groups = terminal_loops(graph);
  for (const auto& [key, nodes] : groups) {
    if (nodes.size() < 2) continue;
    for (int node : nodes) group_of[node] = &nodes;
  }
  Rewriter rewrite(graph);
  for (const Node& node : graph.nodes()) {
    const auto at = group_of.find(node.id);
    if (at == group_of.end()) {
      rewrite.copy(node);
      continue;
    }
    // Terminal nodes can all wait for the last of them.
    if (node.id != at->second->back()) continue;
    Node joined{.op = node.op, .attributes = node.attributes, .scope = node.scope};
    joined.attributes.set("segments", static_cast<std::int64_t>(at->second->size()));
    std::vector<ValueId> inputs;
    std::vector<ValueId> results;
    for (int member : *at->second) {
      const Node& loop = graph.node(member);
      for (ValueId id : loop.inputs) inputs.push_back(rewrite(id));
      for (std::size_t i = 0; i < loop.outputs.size(); ++i) {
        joined.outputs.push_back(loop.outputs[i]);
        results.push_back({member, static_cast<int>(i)});
      }
    }
    const int id = rewrite.graph().append(joined, std::move(inputs));
    for (std::size_t i = 0; i < results.size(); ++i)
      rewrite.map(results[i], {id, static_cast<int>(i)});
  }
  return rewrite.finish();
}

}  // namespace sinew::compiler
