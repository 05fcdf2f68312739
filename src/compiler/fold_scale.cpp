// Example, before and after, all but %1 and %2 of one number a channel:
//   %3 = conv(%1, %2); %4 = subtract(%3, mean); %5 = multiply(%4, factor); %6 = add(%5, beta)
//     ->  %3 = conv(%1, multiply(%2, factor)); %6 = add(%3, add(multiply(negative(mean), factor),
//         beta)), which fuse_epilogue makes the convolution's bias
//
// A sum over the kernel's cells is linear, so results differ by rounding only. Only where the
// kernel has fewer elements than the result, which the chain would have to go through otherwise,
// and where nothing else reads the values between.

#include "compiler/fold_scale.h"

#include <map>
#include <set>

#include "compiler/rewrite.h"
#include "sinew/graph/op.h"

namespace sinew::compiler {
namespace {

/// A convolution and the nodes that scale and shift its result, in order.
struct Chain {
  int convolution = -1;
  std::vector<int> links;
};

class ScaleFolder {
 public:
  explicit ScaleFolder(const Graph& from)
      : from_(from), rewrite_(from), readers_(readers_of(from)) {}

  Graph run() {
    std::map<int, Chain> ends;
    std::set<int> inside;
    for (const Node& node : from_.nodes()) {
      if (node.op->name != "conv" || node.inputs.size() != 2) continue;
      Chain chain = chain_after(node);
      if (chain.links.empty()) continue;
      inside.insert(node.id);
      inside.insert(chain.links.begin(), chain.links.end());
      const int last = chain.links.back();
      ends[last] = std::move(chain);
    }
    for (const Node& node : from_.nodes()) {
      if (const auto at = ends.find(node.id); at != ends.end()) {
        fold(at->second);
      } else if (!inside.count(node.id)) {
        rewrite_.copy(node);
      }
    }
    return rewrite_.finish();
  }

 private:
  /// Where the operand of one number a channel stands in a link; -1 when the node is no link.
  int vector_of(const Node& node, ValueId value) const {
    const std::string& op = node.op->name;
    if (op != "add" && op != "multiply" && op != "subtract") return -1;
    const int at = node.inputs[0] == value ? 1 : 0;
    if (op == "subtract" && at == 0) return -1;
    const Shape& channels = from_.type(node.inputs[static_cast<std::size_t>(at)]).shape;
    return channels == Shape{node.outputs[0].shape[-1]} ? at : -1;
  }

  /// Up to the last shift after the last scale; empty when nothing scales.
  Chain chain_after(const Node& convolution) const {
    Chain chain{convolution.id, {}};
    const Shape& kernel = from_.type(convolution.inputs[1]).shape;
    if (kernel.numel() >= convolution.outputs[0].shape.numel()) return chain;
    bool scales = false;
    ValueId value{convolution.id, 0};
    while (true) {
      const auto at = readers_.find(value);
      if (at == readers_.end() || at->second.size() != 1 || at->second[0] < 0) break;
      const Node& reader = from_.node(at->second[0]);
      if (vector_of(reader, value) < 0) break;
      scales = scales || reader.op->name == "multiply";
      chain.links.push_back(reader.id);
      value = {reader.id, 0};
    }
    if (!scales) chain.links.clear();
    return chain;
  }

  ValueId append(const char* op, std::vector<ValueId> inputs, const TensorType& type,
                 const std::string& scope) {
    Node node{.op = &find_op(op), .scope = scope};
    node.outputs = {type};
    return {rewrite_.graph().append(node, std::move(inputs)), 0};
  }

  void fold(const Chain& chain) {
    const Node& convolution = from_.node(chain.convolution);
    const std::string& scope = convolution.scope;
    const TensorType vector{convolution.outputs[0].dtype, Shape{convolution.outputs[0].shape[-1]}};
    ValueId scale, shift;
    ValueId value{convolution.id, 0};
    for (int link : chain.links) {
      const Node& node = from_.node(link);
      const ValueId operand =
          rewrite_(node.inputs[static_cast<std::size_t>(vector_of(node, value))]);
      if (node.op->name == "multiply") {
        scale = scale.node < 0 ? operand : append("multiply", {scale, operand}, vector, scope);
        if (shift.node >= 0) shift = append("multiply", {shift, operand}, vector, scope);
      } else if (shift.node < 0) {
        shift = node.op->name == "add" ? operand : append("negative", {operand}, vector, scope);
      } else {
        shift = append(node.op->name.c_str(), {shift, operand}, vector, scope);
      }
      value = {link, 0};
    }
    const ValueId kernel = append("multiply", {rewrite_(convolution.inputs[1]), scale},
                                  from_.type(convolution.inputs[1]), scope);
    const int scaled =
        rewrite_.graph().append(convolution, {rewrite_(convolution.inputs[0]), kernel});
    ValueId result{scaled, 0};
    if (shift.node >= 0) result = append("add", {result, shift}, convolution.outputs[0], scope);
    rewrite_.map(value, result);
  }

  const Graph& from_;
  Rewriter rewrite_;
  std::map<ValueId, std::vector<int>> readers_;
};

}  // namespace

Graph fold_scale(const Graph& graph) { return ScaleFolder(graph).run(); }

}  // namespace sinew::compiler
