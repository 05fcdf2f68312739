// Example, before and after:
//   %3 = add(%1, %2) : float32(8, 4)
//   %4 = tanh(%3) : float32(8, 4)
//   %5 = reduce_sum(%4) {axes=[0]} : float32(4)
//     ->  %3.0, %3.1 = fused(%1, %2) {code="t0 = add x0 x1; t1 = tanh t0",
//                                     results="t1 float32; sum t1 0:1 float32"}
//
// Batch normalisation's forward pass is three loops: the sum of x; the sum of square(x - mean); and
// the normalised result, with the activation behind it. x - mean is not stored for the third one to
// read: it is computed again from x, which takes as many bytes to read.
//   %4 = subtract(%x, %mean); %5 = square(%4); %6 = reduce_sum(%5); … %9 = multiply(%4, %factor)
//     ->  %6 = fused(%x, %mean) {code="t0 = subtract x0 x1; t1 = square t0", results="sum t1 0:3"}
//         %9 = fused(%x, %mean, %factor) {code="t0 = subtract x0 x1; t1 = multiply t0 x2"}
//
// Clusters grow along edges, then by what shares an operand, then by small folds over one domain;
// see Clusters for what keeps two apart.

#include "compiler/fuse_elementwise.h"

#include <algorithm>
#include <map>
#include <set>

#include "compiler/clusters.h"
#include "compiler/rewrite.h"
#include "ops/fused.h"
#include "sinew/base/error.h"
#include "sinew/graph/op.h"

namespace sinew::compiler {
namespace {

using ops::Elementwise;
using ops::FusedCode;

Elementwise code_of(const Node& node) {
  for (const auto& info : ops::kElementwise) {
    if (info.name == node.op->name) return info.code;
  }
  return Elementwise::Cast;
}

/// Whether computing it again costs less than a value's way through memory.
bool is_cheap(const Node& node) {
  switch (code_of(node)) {
    case Elementwise::Add:
    case Elementwise::Subtract:
    case Elementwise::Multiply:
    case Elementwise::Maximum:
    case Elementwise::Minimum:
    case Elementwise::Negative:
    case Elementwise::Abs:
    case Elementwise::Square:
    case Elementwise::Relu:
      return true;
    default:
      return false;
  }
}

class ElementwiseFuser {
 public:
  explicit ElementwiseFuser(const Graph& from)
      : from_(from), rewrite_(from), clusters_(from), copies_(from.nodes().size()) {}

  Graph run() {
    grow();
    for (const Node& node : from_.nodes()) {
      if (node.op->elementwise) copy_to_readers(node);
    }
    // A cluster comes where its last member was, or before its first reader.
    std::set<int> done;
    for (const Node& node : from_.nodes()) {
      const int cluster = clusters_.of(node.id);
      if (clusters_.members(cluster).back() == node.id) emit(cluster, done);
    }
    return rewrite_.finish();
  }

 private:
  void grow() {
    for (const Node& node : from_.nodes()) {
      if (!clusters_.fusable(node.id)) continue;
      for (ValueId id : node.inputs)
        clusters_.join_along_edge(clusters_.of(id.node), clusters_.of(node.id));
    }
    std::vector<int> folding;
    for (const Node& node : from_.nodes()) {
      const std::vector<int>& users = clusters_.users(node.id);
      for (std::size_t i = 1; i < users.size(); ++i)
        clusters_.join_siblings(clusters_.of(users[0]), clusters_.of(users[i]));
      if (clusters_.is_fold(node.id)) folding.push_back(node.id);
    }
    for (std::size_t i = 1; i < folding.size(); ++i)
      clusters_.join_small(clusters_.of(folding[i - 1]), clusters_.of(folding[i]));
  }

  /// When all that a cheap node needs is one large value from outside of its cluster, the other
  /// loops that want its result compute it themselves, from the large value, and the result is
  /// never stored.
  void copy_to_readers(const Node& node) {
    if (!is_cheap(node) || clusters_.leaves_graph(node.id)) return;
    const int home = clusters_.of(node.id);
    std::set<ValueId> large;
    for (ValueId id : node.inputs) {
      if (clusters_.of(id.node) == home || copied_.count(id.node)) return;
      if (!clusters_.uniform(id).found &&
          from_.type(id).shape.numel() == node.outputs[0].shape.numel()) {
        large.insert(id);
      }
    }
    if (large.size() != 1) return;
    std::set<int> readers;
    for (int user : clusters_.users(node.id)) {
      const int reader = clusters_.of(user);
      if (reader == home) continue;
      if (!clusters_.fusable(user) || clusters_.domain(user) != node.outputs[0].shape ||
          clusters_.compute(reader) != clusters_.compute(home)) {
        return;
      }
      readers.insert(reader);
    }
    for (int reader : readers) {
      std::vector<int> nodes = nodes_of(reader);
      nodes.push_back(node.id);
      std::sort(nodes.begin(), nodes.end());
      if (nodes.size() > ops::kMaxFusedInstructions ||
          clusters_.operands(nodes).size() > ops::kMaxFusedInputs) {
        return;
      }
    }
    for (int reader : readers) copies_[static_cast<std::size_t>(reader)].insert(node.id);
    if (!readers.empty()) copied_.insert(node.id);
  }

  bool has_copy(int cluster, int node) const {
    return copies_[static_cast<std::size_t>(cluster)].count(node) != 0;
  }

  /// A cluster's members and copies of others', in the graph's order.
  std::vector<int> nodes_of(int cluster) const {
    std::vector<int> nodes;
    const std::vector<int>& members = clusters_.members(cluster);
    const std::set<int>& copies = copies_[static_cast<std::size_t>(cluster)];
    std::merge(members.begin(), members.end(), copies.begin(), copies.end(),
               std::back_inserter(nodes));
    return nodes;
  }

  /// Emits a cluster after all that it reads. Members of a cluster are spread over the old order.
  void emit(int cluster, std::set<int>& done) {
    // Iterative depth first: chains in unrolled recurrent networks are thousands of nodes long.
    std::vector<int> stack{cluster};
    std::set<int> waiting;
    while (!stack.empty()) {
      const int top = stack.back();
      if (done.count(top)) {
        stack.pop_back();
        continue;
      }
      bool ready = true;
      for (int node : nodes_of(top)) {
        for (ValueId id : from_.node(node).inputs) {
          const int before = clusters_.of(id.node);
          if (before == top || done.count(before) || has_copy(top, id.node)) continue;
          stack.push_back(before);
          ready = false;
        }
      }
      if (!ready) {
        if (!waiting.insert(top).second) throw InternalError("two loops need each other's results");
        continue;
      }
      stack.pop_back();
      done.insert(top);
      const std::vector<int> nodes = nodes_of(top);
      // A fold alone has a kernel of its own, which says better what it does.
      const bool loop =
          nodes.size() > 1 ? clusters_.fusable(nodes[0]) : from_.node(nodes[0]).op->elementwise;
      if (loop) {
        emit_fused(top, nodes);
      } else {
        rewrite_.copy(from_.node(nodes[0]));
      }
    }
  }

  bool is_stored(int cluster, int node) const {
    if (has_copy(cluster, node)) return false;
    if (clusters_.leaves_graph(node)) return true;
    const std::vector<int>& users = clusters_.users(node);
    return std::any_of(users.begin(), users.end(), [&](int user) {
      return clusters_.of(user) != cluster && !has_copy(clusters_.of(user), node);
    });
  }

  /// Numbers what the loop reads: values from outside first, then constants of equal elements,
  /// unless only one of those says how large the domain is.
  std::vector<ValueId> number_operands(const std::vector<int>& nodes, FusedCode& code,
                                       std::map<ValueId, std::int64_t>& registers) const {
    std::vector<ValueId> inputs;
    std::vector<ValueId> uniforms;
    Shape shape;
    const auto take = [&](ValueId id) {
      if (!registers.try_emplace(id, static_cast<std::int64_t>(inputs.size())).second) return;
      inputs.push_back(id);
      shape = broadcast_shapes(shape, from_.type(id).shape);
    };
    for (int node : nodes) {
      for (ValueId id : from_.node(node).inputs) {
        if (std::binary_search(nodes.begin(), nodes.end(), id.node)) continue;
        if (clusters_.uniform(id).found) {
          uniforms.push_back(id);
        } else {
          take(id);
        }
      }
    }
    const Shape& domain = clusters_.domain(nodes[0]);
    for (ValueId id : uniforms) {
      if (broadcast_shapes(shape, from_.type(id).shape) != shape && shape != domain) take(id);
    }
    code.inputs = static_cast<std::int64_t>(inputs.size());
    for (ValueId id : uniforms) {
      if (!registers.count(id)) registers[id] = code.constant(clusters_.uniform(id).value);
    }
    return inputs;
  }

  void emit_fused(int cluster, const std::vector<int>& nodes) {
    FusedCode code;
    code.compute = clusters_.compute(cluster);
    std::map<ValueId, std::int64_t> registers;
    std::vector<ValueId> inputs = number_operands(nodes, code, registers);
    const std::int64_t first = code.inputs + static_cast<std::int64_t>(code.constants.size());
    Node fused{.op = &find_op("fused")};
    std::vector<ValueId> results;
    for (int id : nodes) {
      const Node& node = from_.node(id);
      FusedCode::Result result;
      if (clusters_.is_fold(id)) {
        result = clusters_.fold_of(node);
        result.source = registers.at(node.inputs[0]);
      } else {
        FusedCode::Instruction instruction{code_of(node)};
        for (std::size_t i = 0; i < node.inputs.size(); ++i)
          instruction.operands[i] = registers.at(node.inputs[i]);
        // A temporary before an operand, whatever order nodes were made in: loops of one body can
        // be combined.
        auto& [left, right, third] = instruction.operands;
        if (node.op->commutative && left < code.inputs && right >= first) std::swap(left, right);
        result.source = first + static_cast<std::int64_t>(code.instructions.size());
        result.dtype = node.outputs[0].dtype;
        registers[{id, 0}] = result.source;
        code.instructions.push_back(instruction);
        if (!is_stored(cluster, id)) continue;
      }
      code.results.push_back(result);
      fused.outputs.push_back(node.outputs[0]);
      results.push_back({id, 0});
      if (fused.scope.empty()) fused.scope = node.scope;
    }
    fused.attributes = code.to_attributes();
    for (ValueId& id : inputs) id = rewrite_(id);
    const int id = rewrite_.graph().append(fused, std::move(inputs));
    for (std::size_t i = 0; i < results.size(); ++i)
      rewrite_.map(results[i], {id, static_cast<int>(i)});
  }

  const Graph& from_;
  Rewriter rewrite_;
  Clusters clusters_;
  /// Of each cluster, the nodes of other clusters that it computes again.
  std::vector<std::set<int>> copies_;
  std::set<int> copied_;
};

}  // namespace

Graph fuse_elementwise(const Graph& graph) { return ElementwiseFuser(graph).run(); }

}  // namespace sinew::compiler
