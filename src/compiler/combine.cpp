// Examples, before and after. Two weights under plain gradient descent:
//   %7 = fused(w1, g1, lr) {code="t0 = multiply x1 x2; t1 = subtract x0 t0", results="t1 float32"}
//   %8 = fused(w2, g2, lr) {the same}
//     ->  %7.0, %7.1 = fused(w1, g1, lr, w2, g2, lr) {the same, segments=2}
// and the gradients' norm that they are clipped by:
//   %3 = fused(g1) {code="t0 = square x0", results="sum t0 0: float32"}; %4 = fused(g2) {the same}
//     ->  %3.0, %3.1 = fused(g1, g2) {the same, segments=2}

#include "compiler/combine.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "compiler/rewrite.h"
#include "ops/fused.h"
#include "sinew/graph/op.h"

namespace sinew::compiler {
namespace {

using Group = std::vector<int>;

/// Loops of the same body, each body's in order, that can wait for the last of them without keeping
/// much alive: those of whose results other nodes read folds only.
std::map<std::string, Group> loops_by_body(const Graph& graph) {
  std::set<ValueId> read;
  for (const Node& node : graph.nodes()) read.insert(node.inputs.begin(), node.inputs.end());
  const auto leaves_only_folds = [&](const Node& loop) {
    const ops::FusedCode code = ops::FusedCode::from(loop.attributes);
    for (std::size_t i = 0; i < code.results.size(); ++i) {
      const bool fold = code.results[i].fold != ops::FusedCode::Fold::None;
      if (!fold && read.count({loop.id, static_cast<int>(i)})) return false;
    }
    return true;
  };
  std::map<std::string, Group> groups;
  for (const Node& node : graph.nodes()) {
    if (node.op->name != "fused" || node.attributes.integer("segments") != 1) continue;
    if (leaves_only_folds(node)) groups[node.attributes.str()].push_back(node.id);
  }
  return groups;
}

/// Which nodes need a result of one of the group. Members that need another one leave the group.
std::vector<bool> dependents(const Graph& graph, Group& group) {
  std::vector<bool> needs(graph.nodes().size(), false);
  Group independent;
  for (const Node& node : graph.nodes()) {
    const auto i = static_cast<std::size_t>(node.id);
    for (ValueId id : node.inputs) {
      const auto from = static_cast<std::size_t>(id.node);
      if (needs[from] || std::binary_search(independent.begin(), independent.end(), id.node))
        needs[i] = true;
    }
    if (!needs[i] && std::binary_search(group.begin(), group.end(), node.id))
      independent.push_back(node.id);
  }
  group = std::move(independent);
  return needs;
}

void append_joined(const Graph& graph, const Group& group, Rewriter& rewrite) {
  Node joined = graph.node(group.back());
  joined.attributes.set("segments", static_cast<std::int64_t>(group.size()));
  joined.outputs.clear();
  std::vector<ValueId> inputs;
  std::vector<ValueId> results;
  for (int member : group) {
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

/// The graph with a group's loops as one, where the last of them was; what needs an earlier one's
/// result comes behind it.
std::optional<Graph> combine_group(const Graph& graph, Group group) {
  const std::vector<bool> needs = dependents(graph, group);
  if (group.size() < 2) return std::nullopt;
  Rewriter rewrite(graph);
  std::vector<int> waiting;
  for (const Node& node : graph.nodes()) {
    if (node.id == group.back()) {
      append_joined(graph, group, rewrite);
      for (int id : waiting) rewrite.copy(graph.node(id));
    } else if (std::binary_search(group.begin(), group.end(), node.id)) {
      continue;
    } else if (node.id < group.back() && needs[static_cast<std::size_t>(node.id)]) {
      waiting.push_back(node.id);
    } else {
      rewrite.copy(node);
    }
  }
  return rewrite.finish();
}

}  // namespace

Graph combine(const Graph& graph) {
  Rewriter copy(graph);
  for (const Node& node : graph.nodes()) copy.copy(node);
  Graph current = copy.finish();
  // One body at a time: joining one may make another's loops depend on each other.
  for (const auto& [body, any] : loops_by_body(graph)) {
    const std::map<std::string, Group> now = loops_by_body(current);
    const auto at = now.find(body);
    if (at == now.end() || at->second.size() < 2) continue;
    if (std::optional<Graph> joined = combine_group(current, at->second))
      current = *std::move(joined);
  }
  return current;
}

}  // namespace sinew::compiler
