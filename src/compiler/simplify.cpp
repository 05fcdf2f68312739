// Example, before and after:
//   %3 = multiply(%1, %2) with %2 = constant 1    ->  uses of %3 become uses of %1
//   %4 = exp(%1); %5 = exp(%1)                    ->  one node
//   %6 = add(2, 3)                                ->  constant 5
//   %7 = cast(%1) : bfloat16; %8 = cast(%7) : float32   ->  uses of %8 become uses of %1

#include <fmt/format.h>

#include <map>

#include "compiler/passes.h"
#include "compiler/rewrite.h"
#include "compiler/shrink.h"
#include "ops/elementwise_code.h"
#include "ops/fused.h"
#include "sinew/graph/op.h"

namespace sinew::compiler {
namespace {

class Simplifier {
 public:
  explicit Simplifier(const Graph& from)
      : from_(from), rewrite_(from), uses_(from.nodes().size(), 0) {
    for (const Node& node : from.nodes()) {
      for (ValueId id : node.inputs) ++uses_[static_cast<std::size_t>(id.node)];
    }
  }

  Graph run() {
    const std::vector<bool> live = live_nodes(from_);
    for (const Node& node : from_.nodes()) {
      if (!live[static_cast<std::size_t>(node.id)]) continue;
      if (fold_constant(node) || drop_identity(node) || drop_round_trip(node) ||
          swap_relu_and_pool(node) || look_through_softmax(node))
        continue;
      reuse_or_copy(node);
    }
    return rewrite_.finish();
  }

 private:
  const Node& producer(ValueId old) { return rewrite_.graph().node(rewrite_(old).node); }
  const TensorType& type(ValueId id) { return rewrite_.graph().type(id); }

  /// Element-wise ops broadcast by themselves: an operand that broadcast_to has blown up is read
  /// small instead, unless the result's shape comes from it.
  void drop_broadcasts(const Node& node, std::vector<ValueId>& inputs) {
    for (ValueId& input : inputs) {
      const Node& from = rewrite_.graph().node(input.node);
      if (from.op->name != "broadcast_to") continue;
      Shape shape = type(from.inputs[0]).shape;
      for (const ValueId& other : inputs) {
        if (&other != &input) shape = broadcast_shapes(shape, type(other).shape);
      }
      if (shape == node.outputs[0].shape) input = from.inputs[0];
    }
  }

  /// The node with its inputs mapped, or the one that already computes the same.
  void reuse_or_copy(const Node& node) {
    if (node.op->name == "input" || node.op->name == "variable") {
      rewrite_.copy(node);
      return;
    }
    std::vector<ValueId> inputs;
    for (ValueId id : node.inputs) inputs.push_back(rewrite_(id));
    if (node.op->elementwise) drop_broadcasts(node, inputs);
    if (node.op->commutative) {
      // Constants last, so that loops with the same body look the same whatever was declared first.
      const auto order = [&](ValueId id) {
        return std::pair(rewrite_.graph().node(id.node).op->name == "constant", id);
      };
      if (order(inputs[1]) < order(inputs[0])) std::swap(inputs[0], inputs[1]);
    }
    std::string key = node.op->name;
    for (ValueId id : inputs) key += fmt::format(" {}.{}", id.node, id.output);
    std::vector<int>& candidates = seen_[key];
    int same = -1;
    for (int candidate : candidates) {
      const Node& other = rewrite_.graph().node(candidate);
      if (other.attributes == node.attributes && other.outputs == node.outputs) same = candidate;
    }
    if (same < 0) {
      same = rewrite_.graph().append(node, std::move(inputs));
      candidates.push_back(same);
    }
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      rewrite_.map({node.id, static_cast<int>(i)}, {same, static_cast<int>(i)});
    }
  }

  void replace(const Node& node, ValueId by) { rewrite_.map({node.id, 0}, by); }

  /// A reshape of `value`, unless it has the shape already.
  void replace_by_reshape(const Node& node, ValueId value) {
    value = behind_views(rewrite_.graph(), value);
    if (type(value).shape == node.outputs[0].shape) return replace(node, value);
    Graph& graph = rewrite_.graph();
    Node reshape{.op = &find_op("reshape"), .scope = node.scope};
    reshape.attributes = {{"shape", node.outputs[0].shape.dims()}};
    reshape.outputs = {{type(value).dtype, node.outputs[0].shape}};
    replace(node, {graph.append(reshape, {value}), 0});
  }

  bool fold_constant(const Node& node) {
    if (!node.op->elementwise || node.outputs[0].shape.numel() != 1) return false;
    runtime::KernelRequest request{"fused", {}, {}, node.outputs, node.where()};
    ops::FusedCode code;
    ops::FusedCode::Instruction instruction{};
    std::vector<const void*> inputs;
    code.compute = ops::compute_dtype(node.outputs[0].dtype);
    for (const auto& info : ops::kElementwise) {
      if (info.name == node.op->name) instruction.code = info.code;
    }
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const Node& from = producer(node.inputs[i]);
      if (from.op->name != "constant") return false;
      inputs.push_back(from.attributes.get<Tensor>("value").raw());
      request.inputs.push_back(from.outputs[0]);
      instruction.operands[i] = static_cast<std::int64_t>(i);
      if (ops::compute_dtype(from.outputs[0].dtype) == DType::Float64)
        code.compute = DType::Float64;
    }
    code.inputs = static_cast<std::int64_t>(inputs.size());
    code.instructions = {instruction};
    code.results = {{.source = code.inputs, .dtype = node.outputs[0].dtype}};
    request.attributes = code.to_attributes();
    Tensor result(node.outputs[0].shape, node.outputs[0].dtype);
    void* output = result.raw();
    runtime::default_backend().create(request)->run({inputs.data(), &output, nullptr});
    replace(node, rewrite_.graph().constant(std::move(result)).id());
    return true;
  }

  bool is_uniform(ValueId old, double value) {
    const Uniform uniform = uniform_constant(producer(old));
    return uniform.found && uniform.value == value;
  }

  bool drop_identity(const Node& node) {
    const std::string& op = node.op->name;
    const auto keep = [&](ValueId old) {
      const ValueId value = rewrite_(old);
      if (type(value).shape != node.outputs[0].shape || type(value).dtype != node.outputs[0].dtype)
        return false;
      replace(node, value);
      return true;
    };
    if (op == "stop_gradient" || op == "cast" || op == "transpose" || op == "broadcast_to") {
      if (op == "transpose") {
        const auto& permutation = node.attributes.integers("permutation");
        for (std::size_t i = 0; i < permutation.size(); ++i) {
          if (permutation[i] != static_cast<std::int64_t>(i)) return false;
        }
      }
      return keep(node.inputs[0]);
    }
    if (node.op->view) {
      replace_by_reshape(node, rewrite_(node.inputs[0]));
      return true;
    }
    if (op == "reduce_sum" || op == "reduce_max" || op == "reduce_min") {
      if (type(rewrite_(node.inputs[0])).shape.numel() != node.outputs[0].shape.numel())
        return false;
      replace_by_reshape(node, rewrite_(node.inputs[0]));
      return true;
    }
    if (op == "multiply") {
      return (is_uniform(node.inputs[1], 1.0) && keep(node.inputs[0])) ||
             (is_uniform(node.inputs[0], 1.0) && keep(node.inputs[1]));
    }
    if (op == "add") {
      return (is_uniform(node.inputs[1], 0.0) && keep(node.inputs[0])) ||
             (is_uniform(node.inputs[0], 0.0) && keep(node.inputs[1]));
    }
    if (op == "subtract") return is_uniform(node.inputs[1], 0.0) && keep(node.inputs[0]);
    if (op == "divide") return is_uniform(node.inputs[1], 1.0) && keep(node.inputs[0]);
    return false;
  }

  /// A cast to bfloat16 that nothing but a cast back reads, or the other way round: the rounding in
  /// between was there to save memory, and now none is needed.
  bool drop_round_trip(const Node& node) {
    if (node.op->name != "cast") return false;
    ValueId old = node.inputs[0];
    bool once = uses_[static_cast<std::size_t>(old.node)] == 1;
    while (from_.node(old.node).op->view) {
      old = from_.node(old.node).inputs[0];
      once = once && uses_[static_cast<std::size_t>(old.node)] == 1;
    }
    const Node& between = producer(old);
    if (between.op->name != "cast" || type(between.inputs[0]).dtype != node.outputs[0].dtype)
      return false;
    const DType middle = between.outputs[0].dtype;
    if (!is_floating(middle) || !is_floating(node.outputs[0].dtype)) return false;
    const bool rounds = middle == DType::BFloat16;
    const bool widens = node.outputs[0].dtype == DType::BFloat16;
    if (!widens && !(rounds && once)) return false;
    replace_by_reshape(node, between.inputs[0]);
    return true;
  }

  /// argmax(softmax(x)) -> argmax(x): softmax keeps the order, and a metric alone does not need the
  /// probabilities. Casts from bfloat16 in between move behind it, where the loss has one already.
  bool look_through_softmax(const Node& node) {
    if (node.op->name != "argmax") return false;
    const Node& read = producer(node.inputs[0]);
    const bool is_cast = read.op->name == "cast" && type(read.inputs[0]).dtype == DType::BFloat16;
    const Node& from = is_cast ? rewrite_.graph().node(read.inputs[0].node) : read;
    if (from.op->name != "softmax" ||
        node.attributes.integer("axis") != from.outputs[0].shape.rank() - 1)
      return false;
    ValueId x = from.inputs[0];
    if (is_cast) x = {rewrite_.graph().append(read, {x}), 0};
    replace(node, {rewrite_.graph().append(node, {x}), 0});
    return true;
  }

  /// relu_backward(relu(x), max_pool_backward(dy)) -> max_pool_backward(relu_backward(pooled, dy)):
  /// a window's gradient lands on its largest element, which the pooled value shows to be positive
  /// or not, so the mask can be applied to the smaller tensor.
  bool swap_relu_and_pool(const Node& node) {
    if (node.op->name != "relu_backward") return false;
    Graph& graph = rewrite_.graph();
    const ValueId activation = rewrite_(node.inputs[0]);
    const Node backward = producer(node.inputs[1]);
    if (backward.op->name != "max_pool_backward") return false;
    // Inputs of max_pool_backward: the indices that max_pool(activation) gave, and dy.
    const Node pool = graph.node(backward.inputs[0].node);
    if (pool.op->name != "max_pool" || pool.inputs[0] != activation) return false;
    Node mask{.op = &find_op("relu_backward"), .scope = node.scope};
    mask.outputs = {type(backward.inputs[1])};
    const int masked = graph.append(mask, {{pool.id, 0}, backward.inputs[1]});
    replace(node, {graph.append(backward, {backward.inputs[0], {masked, 0}}), 0});
    return true;
  }

  const Graph& from_;
  Rewriter rewrite_;
  std::vector<int> uses_;
  std::map<std::string, std::vector<int>> seen_;
};

}  // namespace

Graph simplify(const Graph& graph) {
  // The second round sees what the first one's replacements have brought together, and drops what
  // they left dead.
  const Graph once = Simplifier(graph).run();
  return Simplifier(shrink(once)).run();
}

}  // namespace sinew::compiler
