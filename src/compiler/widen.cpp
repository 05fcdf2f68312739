// Example, before and after:
//   %2 = reduce_sum(%1) : bfloat16(4)     ->   %2 = cast(%1) : float32(8, 4)
//                                              %3 = reduce_sum(%2) : float32(4)
//                                              %4 = cast(%3) : bfloat16(4)
//
// Ops for which the backend has no bfloat16 kernel, and sums, which need float32's precision, are
// computed in float32 between casts; the casts fuse with their neighbours. Element-wise ops stay:
// their loops compute in float32 and only load and store bfloat16.

#include <algorithm>

#include "compiler/passes.h"
#include "compiler/rewrite.h"
#include "sinew/graph/op.h"

namespace sinew::compiler {
namespace {

bool is_bfloat16(const TensorType& type) { return type.dtype == DType::BFloat16; }

class Widener {
 public:
  explicit Widener(const Graph& from) : from_(from), rewrite_(from) {}

  Graph run() {
    for (const Node& node : from_.nodes()) {
      if (must_widen(node)) {
        widen_node(node);
      } else {
        rewrite_.copy(node);
      }
    }
    return rewrite_.finish();
  }

 private:
  bool must_widen(const Node& node) const {
    // Leaves and views have no kernel.
    if (!node.op->infer || node.op->elementwise || node.op->view) return false;
    const runtime::KernelRequest request = request_of(from_, node);
    if (std::none_of(request.inputs.begin(), request.inputs.end(), is_bfloat16) &&
        std::none_of(request.outputs.begin(), request.outputs.end(), is_bfloat16)) {
      return false;
    }
    return !runtime::default_backend().takes_bfloat16(request);
  }

  ValueId cast(ValueId value, DType dtype, const std::string& scope) {
    Node node{.op = &find_op("cast"), .scope = scope};
    node.attributes = {{"dtype", std::string(name_of(dtype))}};
    node.outputs = {{dtype, rewrite_.graph().type(value).shape}};
    return {rewrite_.graph().append(node, {value}), 0};
  }

  void widen_node(const Node& node) {
    std::vector<ValueId> inputs;
    for (ValueId id : node.inputs) {
      const ValueId value = rewrite_(id);
      inputs.push_back(from_.type(id).dtype == DType::BFloat16
                           ? cast(value, DType::Float32, node.scope)
                           : value);
    }
    Node wide = node;
    for (TensorType& type : wide.outputs) {
      if (type.dtype == DType::BFloat16) type.dtype = DType::Float32;
    }
    if (wide.attributes.get_or<std::string>("dtype", "") == name_of(DType::BFloat16))
      wide.attributes.set("dtype", std::string(name_of(DType::Float32)));
    const int id = rewrite_.graph().append(wide, std::move(inputs));
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      const ValueId result{id, static_cast<int>(i)};
      const bool narrow = node.outputs[i].dtype == DType::BFloat16;
      rewrite_.map({node.id, static_cast<int>(i)},
                   narrow ? cast(result, DType::BFloat16, node.scope) : result);
    }
  }

  const Graph& from_;
  Rewriter rewrite_;
};

}  // namespace

bool stores_bfloat16(const Graph& graph) {
  return std::any_of(graph.nodes().begin(), graph.nodes().end(), [](const Node& node) {
    return std::any_of(node.outputs.begin(), node.outputs.end(), is_bfloat16);
  });
}

// Casts there and back stand together now, and go away.
Graph widen(const Graph& graph) { return simplify(Widener(graph).run()); }

}  // namespace sinew::compiler
