// Example, before and after, for a block of a residual network:
//   %4.0, %4.1, %4.2 = batch_norm(%1, %2, %3); %5 = add(%0, %4.0); %6 = relu(%5)
//     ->  %4.0, %4.1, %4.2 = batch_norm(%1, %2, %3, %0) {activation="relu", residual=true}
//   %9 = add(%7, %8); %10 = relu_backward(%6, %9)
//   %11.0, … = batch_norm_backward(%1, %2, %4.1, %4.2, %10), and %10 is read elsewhere too
//     ->  %11.0, …, %11.3 = batch_norm_backward(%1, %2, %4.1, %4.2, %7, %8, %6)
//         {activation="relu", masked=true, sum=true}, and %11.3 is read for %10
//
// Needs nothing of other passes. What is absorbed is read by nothing else (a masked gradient may
// be), and no further operand depends on what is absorbed: the result could not be ordered.

#include "compiler/fuse_batch_norm.h"

#include <map>
#include <set>

#include "compiler/rewrite.h"
#include "sinew/base/error.h"
#include "sinew/graph/op.h"

namespace sinew::compiler {
namespace {

/// A normalisation and what becomes part of it.
struct Fusion {
  int norm = -1;
  /// All of its nodes; `norm` is among them.
  std::vector<int> nodes = {};
  /// Operands after those that the node has itself.
  std::vector<ValueId> more = {};
  Attributes flags = {};
  /// Backward: what stands in the place of dy, and the masked gradient where others read it.
  ValueId dy = {};
  ValueId masked = {};
  /// Forward: the value that the first output stands for.
  ValueId result = {};
};

class BatchNormFuser {
 public:
  explicit BatchNormFuser(const Graph& from)
      : from_(from), rewrite_(from), readers_(readers_of(from)) {}

  Graph run() {
    for (const Node& node : from_.nodes()) {
      if (node.op->name == "batch_norm") find_forward(node);
      if (node.op->name == "batch_norm_backward") find_backward(node);
    }
    for (const Node& node : from_.nodes()) emit(node.id);
    return rewrite_.finish();
  }

 private:
  /// The one node of that op that reads a value, if nothing else does.
  const Node* only_reader(ValueId id, std::string_view op) const {
    const auto at = readers_.find(id);
    if (at == readers_.end() || at->second.size() != 1 || at->second[0] < 0) return nullptr;
    const Node& reader = from_.node(at->second[0]);
    return reader.op->name == op && !fusion_of_.count(reader.id) ? &reader : nullptr;
  }

  bool depends(ValueId value, int on) const {
    std::set<int> visited;
    std::vector<int> stack{value.node};
    while (!stack.empty()) {
      const int node = stack.back();
      stack.pop_back();
      if (node == on) return true;
      if (node < on || !visited.insert(node).second) continue;
      for (ValueId id : from_.node(node).inputs) stack.push_back(id.node);
    }
    return false;
  }

  void find_forward(const Node& node) {
    Fusion fusion{.norm = node.id, .nodes = {node.id}, .result = {node.id, 0}};
    if (const Node* sum = only_reader(fusion.result, "add")) {
      const ValueId other = sum->inputs[sum->inputs[0] == fusion.result ? 1 : 0];
      if (from_.type(other) == node.outputs[0] && !depends(other, node.id)) {
        fusion.more.push_back(other);
        fusion.flags.set("residual", true);
        fusion.nodes.push_back(sum->id);
        fusion.result = {sum->id, 0};
      }
    }
    if (const Node* relu = only_reader(fusion.result, "relu")) {
      fusion.flags.set("activation", std::string("relu"));
      fusion.nodes.push_back(relu->id);
      fusion.result = {relu->id, 0};
    }
    keep(std::move(fusion));
  }

  void find_backward(const Node& node) {
    Fusion fusion{.norm = node.id, .nodes = {node.id}, .dy = node.inputs[4]};
    const auto others_depend = [&](int on) {
      for (std::size_t i = 0; i < 4; ++i) {
        if (depends(node.inputs[i], on)) return true;
      }
      return false;
    };
    std::vector<ValueId> positive;
    const Node& mask = from_.node(fusion.dy.node);
    if (mask.op->name == "relu_backward" && !fusion_of_.count(mask.id) &&
        from_.type(mask.inputs[0]) == node.outputs[0] &&
        from_.type(mask.inputs[1]) == node.outputs[0] && !others_depend(mask.id)) {
      if (readers_.at(fusion.dy).size() > 1) {
        fusion.masked = fusion.dy;
        fusion.flags.set("masked", true);
      }
      fusion.flags.set("activation", std::string("relu"));
      fusion.nodes.push_back(mask.id);
      fusion.dy = mask.inputs[1];
      positive.push_back(mask.inputs[0]);
    }
    const Node& sum = from_.node(fusion.dy.node);
    const bool same_shapes = sum.op->name == "add" && from_.type(sum.inputs[0]) == sum.outputs[0] &&
                             from_.type(sum.inputs[1]) == sum.outputs[0];
    if (same_shapes && readers_.at(fusion.dy).size() == 1 && !fusion_of_.count(sum.id) &&
        !others_depend(sum.id) && (positive.empty() || !depends(positive[0], sum.id))) {
      fusion.flags.set("sum", true);
      fusion.nodes.push_back(sum.id);
      fusion.dy = sum.inputs[0];
      fusion.more.push_back(sum.inputs[1]);
    }
    fusion.more.insert(fusion.more.end(), positive.begin(), positive.end());
    keep(std::move(fusion));
  }

  void keep(Fusion fusion) {
    if (fusion.nodes.size() == 1) return;
    for (int node : fusion.nodes) fusion_of_[node] = static_cast<int>(fusions_.size());
    fusions_.push_back(std::move(fusion));
  }

  const Fusion* fusion_of(int node) const {
    const auto at = fusion_of_.find(node);
    return at == fusion_of_.end() ? nullptr : &fusions_[static_cast<std::size_t>(at->second)];
  }

  /// Operands of a node, or of the fusion that it is part of.
  std::vector<ValueId> operands(int node) const {
    const Fusion* fusion = fusion_of(node);
    std::vector<ValueId> result = from_.node(fusion ? fusion->norm : node).inputs;
    if (!fusion) return result;
    if (fusion->dy.node >= 0) result[4] = fusion->dy;
    result.insert(result.end(), fusion->more.begin(), fusion->more.end());
    return result;
  }

  /// Copies a node, or makes its fusion, after what it reads: a residual may be declared later than
  /// the normalisation. Iterative, as chains can be long.
  void emit(int wanted) {
    std::vector<int> stack{wanted};
    while (!stack.empty()) {
      const int node = stack.back();
      if (emitted_.count(node)) {
        stack.pop_back();
        continue;
      }
      const std::size_t waiting = stack.size();
      for (ValueId id : operands(node)) {
        if (!emitted_.count(id.node)) stack.push_back(id.node);
      }
      if (stack.size() > waiting) {
        // Met again before what it waits for was made.
        if (!opened_.insert(node).second)
          throw InternalError("batch normalisations were fused in a circle");
        continue;
      }
      stack.pop_back();
      if (const Fusion* fusion = fusion_of(node)) {
        make(*fusion);
        emitted_.insert(fusion->nodes.begin(), fusion->nodes.end());
      } else {
        rewrite_.copy(from_.node(node));
        emitted_.insert(node);
      }
    }
  }

  void make(const Fusion& fusion) {
    const Node& norm = from_.node(fusion.norm);
    Node fused = norm;
    for (const auto& [name, value] : fusion.flags) fused.attributes.set(name, value);
    if (fusion.masked.node >= 0) fused.outputs.push_back(fused.outputs[0]);
    std::vector<ValueId> inputs;
    for (ValueId id : operands(norm.id)) inputs.push_back(rewrite_(id));
    const int made = rewrite_.graph().append(fused, std::move(inputs));
    for (std::size_t i = 0; i < norm.outputs.size(); ++i) {
      const int output = static_cast<int>(i);
      rewrite_.map({norm.id, output}, {made, output});
    }
    if (fusion.result.node >= 0) rewrite_.map(fusion.result, {made, 0});
    if (fusion.masked.node >= 0) rewrite_.map(fusion.masked, {made, 3});
  }

  const Graph& from_;
  Rewriter rewrite_;
  std::map<ValueId, std::vector<int>> readers_;
  std::vector<Fusion> fusions_;
  std::map<int, int> fusion_of_;
  std::set<int> opened_;
  std::set<int> emitted_;
};

}  // namespace

Graph fuse_batch_norm(const Graph& graph) { return BatchNormFuser(graph).run(); }

}  // namespace sinew::compiler
