#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sinew/graph/graph.h"

namespace sinew {

/// What a gradient rule sees: the node it differentiates, as Values of the graph it appends to.
struct GradientRequest {
  Graph& graph;
  const Node& node;
  std::vector<Value> inputs;
  std::vector<Value> outputs;
  /// Gradient of the scalar with respect to each output; undefined where that output does not
  /// matter.
  std::vector<Value> cotangents;

  const Attributes& attributes() const { return node.attributes; }
};

/// A backward op explained: it computes the gradients of sum(outputs[i] * cotangents[i]) with
/// respect to `inputs`.
struct VectorJacobian {
  std::vector<Value> inputs;
  /// In ops that have gradient rules.
  std::vector<Value> outputs;
  std::vector<Value> cotangents;
};

/// An op: the rules that the graph, the autodiff and the passes know it by. Kernels are the
/// backend's.
struct Op {
  std::string name;
  /// Types of the outputs from those of the inputs (`node.op`, `.attributes` and `.scope` are set).
  /// Throws ShapeError or DTypeError beginning with node.where().
  std::vector<TensorType> (*infer)(const Node& node, std::span<const TensorType> inputs) = nullptr;
  /// One Value an input; undefined where no gradient flows (integers, constants). Null: see
  /// `decompose`.
  std::vector<Value> (*gradient)(const GradientRequest& request) = nullptr;
  /// The same outputs written in simpler ops. An op without a gradient rule is differentiated
  /// through it, which is how fused backward ops get their own (second-order) gradients.
  std::vector<Value> (*decompose)(std::span<const Value> inputs,
                                  const Attributes& attributes) = nullptr;
  /// For the fused backward op of another op, instead of `decompose`: what it is the
  /// vector-Jacobian product of.
  VectorJacobian (*backward_of)(std::span<const Value> inputs,
                                const Attributes& attributes) = nullptr;
  /// Arithmetic of one run (a fused multiply-add counts as two); null for what moves data only.
  double (*flops)(const Node& node, std::span<const TensorType> inputs) = nullptr;
  /// Bytes of one run, for an op that does not read its inputs whole; null: each operand once.
  double (*bytes)(const Node& node, std::span<const TensorType> inputs) = nullptr;
  /// Each element of the one output depends on the elements at the same (broadcast) position only.
  bool elementwise = false;
  /// The inputs that are data, as opposed to parameters and statistics, of an op that computes in
  /// float32 on data that may lie in memory as bfloat16. Where they do, the compiler sets the
  /// attribute "storage" to "bfloat16", and `infer` gives the outputs that are data that type.
  std::vector<std::size_t> (*data)(const Node& node) = nullptr;
  /// Swapping the two inputs changes nothing.
  bool commutative = false;
  /// The output is the first input's buffer seen with another shape.
  bool view = false;
};

/// The op of a name; throws InternalError when there is none.
const Op& find_op(std::string_view name);

/// All registered, by name.
std::vector<const Op*> all_ops();

/// Adds an op to the registry before main() runs: `const RegisterOp relu({.name = "relu", …});`
class RegisterOp {
 public:
  explicit RegisterOp(Op op);
};

}  // namespace sinew
