// Example, before and after:
//   %4 = conv(%1, %2, %3); %5.0, %5.1 = max_pool(%4)
//     ->  %5.0, %5.1 = conv_max_pool(%1, %2, %3)
//   %8 = max_pool_backward(%5.1, %7); %9 = conv_backward_filter(%1, %8)
//     ->  %9 = conv_max_pool_backward_filter(%1, %5.1, %7)

#include "compiler/fuse_pool.h"

#include <vector>

#include "compiler/rewrite.h"
#include "runtime/backend.h"
#include "sinew/graph/op.h"

namespace sinew::compiler {
namespace {

class PoolFuser {
 public:
  explicit PoolFuser(const Graph& from)
      : from_(from),
        rewrite_(from),
        uses_(count_uses(from)),
        absorbed_(from.nodes().size(), false) {}

  Graph run() {
    std::vector<Node> fused;
    for (const Node& node : from_.nodes()) {
      fused.push_back(fuse(node));
      if (fused.back().op) absorbed_[static_cast<std::size_t>(from_of(node).id)] = true;
    }
    for (const Node& node : from_.nodes()) {
      const auto id = static_cast<std::size_t>(node.id);
      if (absorbed_[id]) continue;
      rewrite_.copy(fused[id].op ? fused[id] : node);
    }
    return rewrite_.finish();
  }

 private:
  /// The node that `node` would absorb.
  const Node& from_of(const Node& node) const {
    const std::size_t operand = node.op->name == "max_pool" ? 0 : 1;
    return from_.node(node.inputs[operand].node);
  }

  /// The node with what it absorbs, in the old graph's values; without an op where there is
  /// nothing to absorb.
  Node fuse(const Node& node) const {
    const bool forward = node.op->name == "max_pool";
    if (!forward && node.op->name != "conv_backward_filter") return {};
    const Node& from = from_of(node);
    if (uses_[static_cast<std::size_t>(from.id)] != 1) return {};
    if (from.op->name != (forward ? "conv" : "max_pool_backward")) return {};
    const Node& conv = forward ? from : node;
    const Node& pool = forward ? node : from;
    Node fused = node;
    fused.op = &find_op(forward ? "conv_max_pool" : "conv_max_pool_backward_filter");
    fused.attributes = conv.attributes;
    fused.attributes.set("y_shape", (forward ? conv : pool).outputs[0].shape.dims());
    fused.attributes.set("pool_size", pool.attributes.integers("pool_size"));
    fused.attributes.set("pool_strides", pool.attributes.integers("strides"));
    fused.attributes.set("pool_padding", pool.attributes.integers("padding"));
    fused.inputs = conv.inputs;
    if (!forward) {
      fused.inputs.resize(1);
      fused.inputs.insert(fused.inputs.end(), pool.inputs.begin(), pool.inputs.end());
    }
    const runtime::KernelRequest request = request_of(from_, fused);
    return runtime::default_backend().implementations(request).empty() ? Node{} : fused;
  }

  const Graph& from_;
  Rewriter rewrite_;
  std::vector<int> uses_;
  std::vector<bool> absorbed_;
};

}  // namespace

Graph fuse_pool(const Graph& graph) { return PoolFuser(graph).run(); }

}  // namespace sinew::compiler
