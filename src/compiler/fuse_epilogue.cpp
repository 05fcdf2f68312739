// Example, before and after:
//   %4 = conv(%1, %2); %5 = add(%4, %3); %6 = relu(%5)   ->  %4 = conv(%1, %2, %3)
//   {activation="relu"} %8 = conv_backward_filter(%1, %7); %9 = reduce_sum(%7) {axes=[0, 1, 2]}
//     ->  %8.0, %8.1 = conv_backward_filter(%1, %7) {bias=true}
//   %3 = cast(%2) : bfloat16; %4 = matmul(%1, %3) : bfloat16; %5 = cast(%4) : float32
//     ->  %4 = matmul(%1, %2) {result="float32"}: weights are rounded as they are packed, and sums
//   come out as they were added up

#include "compiler/fuse_epilogue.h"

#include <map>
#include <numeric>

#include "compiler/rewrite.h"
#include "sinew/graph/op.h"

namespace sinew::compiler {
namespace {

class EpilogueFuser {
 public:
  explicit EpilogueFuser(const Graph& from) : from_(from), rewrite_(from), uses_(count_uses(from)) {
    for (const Node& node : from.nodes()) {
      if (node.op->name == "conv_backward_filter") filter_of_[node.inputs[1]] = node.id;
    }
  }

  Graph run() {
    for (const Node& node : from_.nodes()) {
      if (rewrite_.mapped({node.id, 0})) continue;
      if (!absorb_bias(node) && !absorb_relu(node) && !absorb_bias_gradient(node) &&
          !absorb_cast(node))
        copy(node);
    }
    return rewrite_.finish();
  }

 private:
  bool used_once(ValueId id) const { return uses_[static_cast<std::size_t>(id.node)] == 1; }

  /// Where in a product's inputs its weights are, which kernels take unrounded; -1 for other nodes.
  static int weights_of(const Node& node) {
    if (node.op->name == "conv" || node.op->name == "matmul") return 1;
    return node.op->name == "conv_backward_input" ? 0 : -1;
  }

  bool is_variable(ValueId id) const {
    while (from_.node(id.node).op->view) id = from_.node(id.node).inputs[0];
    return from_.node(id.node).op->name == "variable";
  }

  /// The value that a cast to bfloat16 rounds; anything else itself.
  ValueId unrounded(ValueId id) const {
    const Node& node = from_.node(id.node);
    const bool rounds = node.op->name == "cast" && node.outputs[0].dtype == DType::BFloat16 &&
                        from_.type(node.inputs[0]).dtype == DType::Float32;
    return rounds ? node.inputs[0] : id;
  }

  /// A node's inputs in the new graph, a product's weights as the variables that they are.
  std::vector<ValueId> operands(const Node& node) const {
    std::vector<ValueId> result;
    for (ValueId id : node.inputs) result.push_back(rewrite_(id));
    if (const int at = weights_of(node); at >= 0) {
      const ValueId weights = unrounded(node.inputs[static_cast<std::size_t>(at)]);
      if (is_variable(weights)) result[static_cast<std::size_t>(at)] = rewrite_(weights);
    }
    return result;
  }

  int copy(const Node& node) {
    const int id = rewrite_.graph().append(node, operands(node));
    for (std::size_t i = 0; i < node.outputs.size(); ++i)
      rewrite_.map({node.id, static_cast<int>(i)}, {id, static_cast<int>(i)});
    return id;
  }

  /// The product behind a value, through views, if nothing else reads any of them.
  const Node* product_behind(ValueId id) const {
    while (used_once(id)) {
      const Node& node = from_.node(id.node);
      if (node.op->name == "matmul" || node.op->name == "conv") return &node;
      if (!node.op->view) return nullptr;
      // A view that splits or joins columns would move them past the bias.
      if (from_.type(node.inputs[0]).shape.rank() == 0 || from_.type(id).shape.rank() == 0 ||
          from_.type(node.inputs[0]).shape[-1] != from_.type(id).shape[-1]) {
        return nullptr;
      }
      id = node.inputs[0];
    }
    return nullptr;
  }

  /// Replaces `node` by the new graph's product `id`, seen with node's shape.
  void replace(const Node& node, ValueId id) {
    if (rewrite_.graph().type(id).shape != node.outputs[0].shape) {
      Node view{.op = &find_op("reshape"), .scope = node.scope};
      view.attributes = {{"shape", node.outputs[0].shape.dims()}};
      view.outputs = node.outputs;
      id = {rewrite_.graph().append(view, {id}), 0};
    }
    rewrite_.map({node.id, 0}, id);
  }

  bool absorb_bias(const Node& node) {
    if (node.op->name != "add") return false;
    for (int side = 0; side < 2; ++side) {
      const ValueId sum = node.inputs[static_cast<std::size_t>(side)];
      const ValueId bias = node.inputs[static_cast<std::size_t>(1 - side)];
      const Node* product = product_behind(sum);
      if (!product || product->inputs.size() != 2 || from_.type(bias).shape.rank() != 1) continue;
      if (from_.type(bias).shape[0] != product->outputs[0].shape[-1] ||
          from_.type(sum).shape != node.outputs[0].shape) {
        continue;
      }
      std::vector<ValueId> inputs = operands(*product);
      inputs.push_back(rewrite_(unrounded(bias)));
      const int id = rewrite_.graph().append(*product, std::move(inputs));
      fused_[node.id] = id;
      replace(node, {id, 0});
      return true;
    }
    return false;
  }

  bool absorb_relu(const Node& node) {
    if (node.op->name != "relu" || !used_once(node.inputs[0])) return false;
    const auto at = fused_.find(node.inputs[0].node);
    if (at == fused_.end()) return false;
    rewrite_.graph().node(at->second).attributes.set("activation", std::string("relu"));
    rewrite_.map({node.id, 0}, rewrite_(node.inputs[0]));
    return true;
  }

  /// A cast to float32 of what nothing else reads.
  bool absorb_cast(const Node& node) {
    if (node.op->name != "cast" || node.outputs[0].dtype != DType::Float32) return false;
    ValueId from = node.inputs[0];
    if (from_.type(from).dtype != DType::BFloat16) return false;
    while (used_once(from) && from_.node(from.node).op->view)
      from = from_.node(from.node).inputs[0];
    if (!used_once(from)) return false;
    ValueId made = rewrite_(from);
    while (rewrite_.graph().node(made.node).op->view)
      made = rewrite_.graph().node(made.node).inputs[0];
    Node& product = rewrite_.graph().node(made.node);
    const std::string& op = product.op->name;
    if (op != "matmul" && op != "conv" && op != "conv_backward_filter") return false;
    product.attributes.set("result", std::string(name_of(DType::Float32)));
    product.outputs[0].dtype = DType::Float32;
    replace(node, made);
    return true;
  }

  static bool sums_all_but_columns(const Node& node, const Shape& x) {
    if (node.op->name != "reduce_sum" || node.attributes.flag("keepdims")) return false;
    std::vector<std::int64_t> axes(static_cast<std::size_t>(x.rank()) - 1);
    std::iota(axes.begin(), axes.end(), 0);
    return x.rank() > 1 && node.attributes.integers("axes") == axes;
  }

  /// A sum of dy over all but its channels is the bias's gradient: the filter's gets it in the same
  /// pass over dy. The filter's node may come later in the old order; it needs nothing that is not
  /// there already.
  bool absorb_bias_gradient(const Node& node) {
    if (node.inputs.size() != 1) return false;
    // Of dy itself or, where the filter's gradient is added up in float32 anyway, of its cast.
    const Node& cast = from_.node(node.inputs[0].node);
    auto at = filter_of_.find(node.inputs[0]);
    if (at == filter_of_.end() && cast.op->name == "cast" &&
        from_.type(cast.inputs[0]).dtype == DType::BFloat16 &&
        cast.outputs[0].dtype == DType::Float32) {
      at = filter_of_.find(cast.inputs[0]);
    }
    if (at == filter_of_.end() || !sums_all_but_columns(node, from_.type(node.inputs[0]).shape))
      return false;
    const Node& filter = from_.node(at->second);
    if (!rewrite_.mapped(filter.inputs[0])) return false;
    const ValueId existing =
        rewrite_.mapped({filter.id, 0}) ? rewrite_({filter.id, 0}) : ValueId{copy(filter), 0};
    Node& fused = rewrite_.graph().node(existing.node);
    fused.attributes.set("bias", true);
    if (fused.outputs.size() == 1) fused.outputs.push_back(node.outputs[0]);
    rewrite_.map({node.id, 0}, {existing.node, 1});
    return true;
  }

  const Graph& from_;
  Rewriter rewrite_;
  std::vector<int> uses_;
  std::map<ValueId, int> filter_of_;
  /// Old "add" node -> new product that has absorbed it.
  std::map<int, int> fused_;
};

}  // namespace

Graph fuse_epilogue(const Graph& graph) { return drop_dead(EpilogueFuser(graph).run()); }

}  // namespace sinew::compiler
