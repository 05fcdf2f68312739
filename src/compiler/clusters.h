#pragma once

#include <set>
#include <vector>

#include "compiler/rewrite.h"
#include "ops/fused.h"
#include "sinew/graph/graph.h"

namespace sinew::compiler {

/// A partition of a graph's nodes into clusters that can run as one step each. A cluster is a
/// single node, or element-wise nodes over one domain and computing dtype together with folds (sum,
/// maximum, minimum) of values of that domain. No path leaves a cluster and comes back, and nothing
/// in a cluster needs the result of a fold or of a cast that rounds.
class Clusters {
 public:
  explicit Clusters(const Graph& graph);

  int of(int node) const { return cluster_[static_cast<std::size_t>(node)]; }
  /// In the graph's order; empty when the cluster has become part of another.
  const std::vector<int>& members(int cluster) const {
    return members_[static_cast<std::size_t>(cluster)];
  }
  /// Whether node is an element-wise op or a fold that a loop can do.
  bool fusable(int node) const { return fusable_[static_cast<std::size_t>(node)]; }
  bool is_fold(int node) const;
  /// The elements that a fusable node goes over.
  const Shape& domain(int node) const;
  DType compute(int cluster) const { return compute_[static_cast<std::size_t>(cluster)]; }
  const std::vector<int>& users(int node) const { return users_[static_cast<std::size_t>(node)]; }
  /// Whether the node's output is one of the graph's, or a variable's new value.
  bool leaves_graph(int node) const { return leaving_.count(node) != 0; }
  const Uniform& uniform(ValueId id) const { return uniform_[static_cast<std::size_t>(id.node)]; }
  /// What nodes read from outside, constants of equal elements aside.
  std::set<ValueId> operands(const std::vector<int>& nodes) const;
  /// How a loop would store a fold's result; `source` is left open.
  ops::FusedCode::Result fold_of(const Node& node) const;

  /// Each tries to join two clusters and leaves them when that is not allowed or does not pay.
  void join_along_edge(int producer, int consumer);
  void join_siblings(int a, int b);
  void join_small(int a, int b);

 private:
  bool may_join(int a, int b) const;
  bool needs(int from, int to) const;
  bool blocked(int from, int to) const;
  void join(int a, int b);
  std::vector<int> together(int a, int b) const;
  std::set<ValueId> large_operands(int cluster) const;
  bool updates(int cluster) const;

  const Graph& graph_;
  std::vector<int> cluster_;
  std::vector<std::vector<int>> members_;
  std::vector<std::vector<int>> users_;
  std::vector<bool> fusable_;
  /// Nodes whose result no register of their loop holds: folds, and casts that round.
  std::vector<bool> stored_;
  std::vector<DType> compute_;
  std::vector<Uniform> uniform_;
  std::set<int> leaving_;
  std::set<int> updating_;
  /// Of each node, the last node of all clusters that begin at or before it.
  std::vector<int> reach_;
  /// Clusters that the search at hand, the round_-th, has seen.
  mutable std::vector<int> visited_;
  mutable int round_ = 0;
};

}  // namespace sinew::compiler
