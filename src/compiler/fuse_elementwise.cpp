// Example, before and after:
//   %3 = add(%1, %2) : float32(8, 4)
//   %4 = tanh(%3) : float32(8, 4)           ->   %3 = fused(%1, %2) {code=[add 0 1, tanh 2]} :
//   float32(8, 4)
//
// Clusters of element-wise nodes over one shape and computing dtype grow along edges as long as no
// path leaves a cluster and comes back (such a cluster could not run as one step).

#include "compiler/fuse_elementwise.h"

#include <algorithm>
#include <map>
#include <set>

#include "compiler/rewrite.h"
#include "ops/fused.h"
#include "sinew/graph/op.h"

namespace sinew::compiler {
namespace {

using ops::FusedCode;

/// More operands than this would not be worth one loop: each takes a register of the interpreter.
constexpr std::size_t kMaxOperands = 24;

ops::Elementwise code_of(const Node& node) {
  for (const auto& info : ops::kElementwise) {
    if (info.name == node.op->name) return info.code;
  }
  return ops::Elementwise::Cast;
}

DType compute_dtype_of(const Graph& graph, const Node& node) {
  DType compute = ops::compute_dtype(node.outputs[0].dtype);
  for (ValueId id : node.inputs) {
    if (ops::compute_dtype(graph.type(id).dtype) == DType::Float64) compute = DType::Float64;
  }
  return compute;
}

class ElementwiseFuser {
 public:
  explicit ElementwiseFuser(const Graph& from)
      : from_(from), rewrite_(from), users_(from.nodes().size()) {
    for (const Node& node : from.nodes()) {
      cluster_.push_back(node.id);
      uniform_.push_back(uniform_constant(node));
      members_.push_back({node.id});
      for (ValueId id : node.inputs) users_[static_cast<std::size_t>(id.node)].push_back(node.id);
    }
    for (const Graph::NamedValue& output : from.outputs()) leaving_.insert(output.value.node);
    for (const Graph::Update& update : from.updates()) leaving_.insert(update.value.node);
  }

  Graph run() {
    for (const Node& node : from_.nodes()) {
      if (!node.op->elementwise) continue;
      for (ValueId id : node.inputs) try_merge(cluster_of(id.node), cluster_of(node.id));
    }
    emit();
    return rewrite_.finish();
  }

 private:
  int cluster_of(int node) const { return cluster_[static_cast<std::size_t>(node)]; }
  const Uniform& uniform_of(ValueId id) const {
    return uniform_[static_cast<std::size_t>(id.node)];
  }
  std::vector<int>& members(int cluster) { return members_[static_cast<std::size_t>(cluster)]; }

  void try_merge(int producer, int consumer) {
    if (producer == consumer) return;
    const Node& a = from_.node(members(producer)[0]);
    const Node& b = from_.node(members(consumer)[0]);
    if (!a.op->elementwise || a.outputs[0].shape != b.outputs[0].shape) return;
    if (compute_dtype_of(from_, a) != compute_dtype_of(from_, b)) return;
    std::vector<int> joined = members(producer);
    joined.insert(joined.end(), members(consumer).begin(), members(consumer).end());
    std::sort(joined.begin(), joined.end());
    if (joined.size() > ops::kMaxFusedInstructions || operand_count(joined) > kMaxOperands) return;
    if (path_outside(producer, consumer)) return;
    for (int node : members(consumer)) cluster_[static_cast<std::size_t>(node)] = producer;
    members(consumer).clear();
    members(producer) = std::move(joined);
  }

  std::size_t operand_count(const std::vector<int>& nodes) const {
    std::set<ValueId> operands;
    for (int node : nodes) {
      for (ValueId id : from_.node(node).inputs) {
        if (!std::binary_search(nodes.begin(), nodes.end(), id.node) && !uniform_of(id).found) {
          operands.insert(id);
        }
      }
    }
    return operands.size();
  }

  /// Whether some path from `from` to `to` passes through a third cluster.
  bool path_outside(int from, int to) {
    const int last = members(to).back();
    std::vector<int> stack;
    std::set<int> visited;
    const auto push_users = [&](int cluster) {
      for (int node : members(cluster)) {
        for (int user : users_[static_cast<std::size_t>(node)]) {
          const int next = cluster_of(user);
          if (next != from && members(next).front() <= last && visited.insert(next).second) {
            stack.push_back(next);
          }
        }
      }
    };
    push_users(from);
    // The direct edge is what merging removes; only what is reached through others counts.
    visited.erase(to);
    stack.erase(std::remove(stack.begin(), stack.end(), to), stack.end());
    while (!stack.empty()) {
      const int cluster = stack.back();
      stack.pop_back();
      for (int node : members(cluster)) {
        for (int user : users_[static_cast<std::size_t>(node)]) {
          const int next = cluster_of(user);
          if (next == to) return true;
          if (next != from && members(next).front() <= last && visited.insert(next).second) {
            stack.push_back(next);
          }
        }
      }
    }
    return false;
  }

  /// Copies clusters inputs-first. Members of a cluster are spread over the old order, so clusters
  /// are emitted when all that they read has been.
  void emit() {
    std::set<int> done;
    for (const Node& node : from_.nodes()) emit_cluster(cluster_of(node.id), done);
  }

  void emit_cluster(int cluster, std::set<int>& done) {
    // Iterative depth first: chains in unrolled recurrent networks are thousands of nodes long.
    std::vector<int> stack{cluster};
    while (!stack.empty()) {
      const int top = stack.back();
      if (done.count(top)) {
        stack.pop_back();
        continue;
      }
      bool ready = true;
      for (int node : members(top)) {
        for (ValueId id : from_.node(node).inputs) {
          const int before = cluster_of(id.node);
          if (before != top && !done.count(before)) {
            stack.push_back(before);
            ready = false;
          }
        }
      }
      if (!ready) continue;
      stack.pop_back();
      done.insert(top);
      if (from_.node(members(top)[0]).op->elementwise) {
        emit_fused(top);
      } else {
        rewrite_.copy(from_.node(members(top)[0]));
      }
    }
  }

  void emit_fused(int cluster) {
    const std::vector<int>& nodes = members(cluster);
    FusedCode code;
    code.compute = compute_dtype_of(from_, from_.node(nodes[0]));
    std::vector<ValueId> inputs;
    std::map<ValueId, std::int64_t> registers;
    for (int id : nodes) {
      for (ValueId operand : from_.node(id).inputs) {
        if (cluster_of(operand.node) == cluster || uniform_of(operand).found) continue;
        if (registers.try_emplace(operand, static_cast<std::int64_t>(inputs.size())).second) {
          inputs.push_back(rewrite_(operand));
        }
      }
    }
    code.inputs = static_cast<std::int64_t>(inputs.size());
    for (int id : nodes) {
      for (ValueId operand : from_.node(id).inputs) {
        const Uniform& uniform = uniform_of(operand);
        if (!uniform.found || registers.count(operand)) continue;
        registers[operand] = code.inputs + static_cast<std::int64_t>(code.constants.size());
        code.constants.push_back(uniform.value);
      }
    }
    const std::int64_t first = code.inputs + static_cast<std::int64_t>(code.constants.size());
    Node fused{.op = &find_op("fused")};
    std::vector<ValueId> results;
    for (int id : nodes) {
      const Node& node = from_.node(id);
      FusedCode::Instruction instruction{code_of(node)};
      for (std::size_t i = 0; i < node.inputs.size(); ++i)
        instruction.operands[i] = registers.at(node.inputs[i]);
      const std::int64_t result = first + static_cast<std::int64_t>(code.instructions.size());
      registers[{id, 0}] = result;
      code.instructions.push_back(instruction);
      const auto& users = users_[static_cast<std::size_t>(id)];
      const bool leaves =
          leaving_.count(id) || std::any_of(users.begin(), users.end(),
                                            [&](int user) { return cluster_of(user) != cluster; });
      if (!leaves) continue;
      code.results.push_back(result);
      fused.outputs.push_back(node.outputs[0]);
      results.push_back({id, 0});
      if (fused.scope.empty()) fused.scope = node.scope;
    }
    fused.attributes = code.to_attributes();
    const int id = rewrite_.graph().append(fused, std::move(inputs));
    for (std::size_t i = 0; i < results.size(); ++i)
      rewrite_.map(results[i], {id, static_cast<int>(i)});
  }

  const Graph& from_;
  Rewriter rewrite_;
  std::vector<int> cluster_;
  std::vector<Uniform> uniform_;
  std::vector<std::vector<int>> members_;
  std::vector<std::vector<int>> users_;
  std::set<int> leaving_;
};

}  // namespace

Graph fuse_elementwise(const Graph& graph) { return ElementwiseFuser(graph).run(); }

}  // namespace sinew::compiler
