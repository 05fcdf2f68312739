// Examples, before and after:
//   %3 = broadcast_to(%1) : (64, 8); %4 = exp(%3)        ->  %3 = exp(%1); %4 = broadcast_to(%3)
//   %3 = reshape(%1) : (1, 1, 8); %4 = subtract(%2, %3)  ->  %4 = subtract(%2, %1)
//   %3 = multiply(%1, %2 : (8)); %4 = reduce_sum(%3) {axes=[0]}
//     ->  %3 = reduce_sum(%1); %4 = multiply(%3, %2)
//   %3 = power(%1, 0.5)                                  ->  %3 = sqrt(%1)
//
// The gradients of batch normalisation are written for single layers' rules and arrive as a dozen
// passes over the activations; after this two column sums and one combination are left.

#include "compiler/shrink.h"

#include <algorithm>

#include "compiler/rewrite.h"
#include "sinew/graph/op.h"

namespace sinew::compiler {
namespace {

/// Elements that a constant may have to be kept instead of a broadcast.
constexpr std::int64_t kMaxConstant = 1 << 14;

class Shrinker {
 public:
  explicit Shrinker(const Graph& from) : from_(from), rewrite_(from) {}

  Graph run() {
    for (const Node& node : from_.nodes()) {
      if (drop_kept_axes(node) || sum_before_scaling(node) || expand_power(node) ||
          shrink_elementwise(node) || fill_broadcast(node)) {
        continue;
      }
      rewrite_.copy(node);
    }
    return rewrite_.finish();
  }

 private:
  const Node& node(ValueId id) { return rewrite_.graph().node(id.node); }
  const TensorType& type(ValueId id) { return rewrite_.graph().type(id); }

  ValueId add(const char* op, const std::vector<ValueId>& inputs, Attributes attributes,
              const std::string& scope) {
    Node made{.op = &find_op(op), .attributes = std::move(attributes), .scope = scope};
    std::vector<TensorType> types;
    for (ValueId id : inputs) types.push_back(type(id));
    made.outputs = made.op->infer(made, types);
    return {rewrite_.graph().append(made, inputs), 0};
  }

  /// The value with another shape: of as many elements, or broadcast. What is known, and not too
  /// large, costs no step.
  ValueId shaped(ValueId id, const Shape& shape, const std::string& scope) {
    if (type(id).shape == shape) return id;
    const Uniform uniform = uniform_constant(node(id));
    if (uniform.found && shape.numel() <= kMaxConstant) {
      return rewrite_.graph().constant(Tensor::full(shape, uniform.value, type(id).dtype)).id();
    }
    const bool same = type(id).shape.numel() == shape.numel();
    return add(same ? "reshape" : "broadcast_to", {id}, {{"shape", shape.dims()}}, scope);
  }

  static Shape without_leading_ones(const Shape& shape) {
    const auto first = std::find_if(shape.begin(), shape.end(), [](auto dim) { return dim != 1; });
    return Shape(std::vector<std::int64_t>(first, shape.end()));
  }

  /// The smallest value that broadcasts to the same: behind broadcasts, reshapes that add leading
  /// axes of 1, and in place of a constant of equal elements.
  ValueId core(ValueId id) {
    for (;;) {
      const Node& maker = node(id);
      if (maker.op->name == "broadcast_to") {
        id = maker.inputs[0];
      } else if (maker.op->name == "reshape" &&
                 without_leading_ones(type(id).shape) ==
                     without_leading_ones(type(maker.inputs[0]).shape) &&
                 type(maker.inputs[0]).shape.rank() < type(id).shape.rank()) {
        id = maker.inputs[0];
      } else {
        break;
      }
    }
    if (type(id).shape.rank() == 0) return id;
    const Uniform uniform = uniform_constant(node(id));
    if (!uniform.found) return id;
    return rewrite_.graph().constant(Tensor::full({}, uniform.value, type(id).dtype)).id();
  }

  bool shrink_elementwise(const Node& old) {
    if (!old.op->elementwise) return false;
    std::vector<ValueId> cores;
    Shape shape;
    bool changed = false;
    for (ValueId id : old.inputs) {
      cores.push_back(core(rewrite_(id)));
      changed |= cores.back() != rewrite_(id);
      shape = broadcast_shapes(shape, type(cores.back()).shape);
    }
    const Shape& wanted = old.outputs[0].shape;
    if (!changed || (shape.numel() == wanted.numel() && shape != wanted &&
                     without_leading_ones(shape) != without_leading_ones(wanted))) {
      return false;
    }
    Node small = old;
    small.outputs[0].shape = shape;
    const ValueId made{rewrite_.graph().append(small, cores), 0};
    rewrite_.map({old.id, 0}, shaped(made, wanted, old.scope));
    return true;
  }

  static bool is_reduction(const Node& old) {
    return old.op->name == "reduce_sum" || old.op->name == "reduce_max" ||
           old.op->name == "reduce_min";
  }

  /// Reductions leave their axes out, so that one with kept axes is the same node as one without.
  bool drop_kept_axes(const Node& old) {
    if (!is_reduction(old) || !old.attributes.flag("keepdims")) return false;
    Attributes attributes = old.attributes;
    attributes.set("keepdims", false);
    const ValueId reduced =
        add(old.op->name.c_str(), {rewrite_(old.inputs[0])}, attributes, old.scope);
    rewrite_.map({old.id, 0}, shaped(reduced, old.outputs[0].shape, old.scope));
    return true;
  }

  /// Whether a value of this shape, broadcast to rank `rank`, is the same along all `axes`.
  static bool constant_along(const Shape& shape, int rank, const std::vector<std::int64_t>& axes) {
    return std::all_of(axes.begin(), axes.end(), [&](std::int64_t axis) {
      const int own = static_cast<int>(axis) - (rank - shape.rank());
      return own < 0 || shape[own] == 1;
    });
  }

  bool sum_before_scaling(const Node& old) {
    if (old.op->name != "reduce_sum" || old.attributes.flag("keepdims")) return false;
    rewrite_.map({old.id, 0}, sum(rewrite_(old.inputs[0]), old));
    return true;
  }

  /// The sum over the axes of a node "reduce_sum": of x * v, sum(x) * v where v is the same along
  /// these axes; likewise of x / v and of -x. (Other rounding; docs/architecture.md.)
  ValueId sum(ValueId x, const Node& old) {
    const Node& maker = node(x);
    const auto& axes = old.attributes.integers("axes");
    const std::string op = maker.op->name;
    if (op == "negative") return add("negative", {sum(maker.inputs[0], old)}, {}, old.scope);
    const int rank = type(x).shape.rank();
    for (std::size_t side = 0; side < 2; ++side) {
      if (op != "multiply" && (op != "divide" || side == 1)) break;
      const ValueId large = maker.inputs[side], scale = maker.inputs[1 - side];
      if (type(large).shape != type(x).shape || !constant_along(type(scale).shape, rank, axes)) {
        continue;
      }
      const ValueId by = without_axes(scale, rank, axes, old.scope);
      return add(op.c_str(), {sum(large, old), by}, {}, old.scope);
    }
    return add("reduce_sum", {x}, old.attributes, old.scope);
  }

  /// A scale, the same along `axes` of a larger value, as it broadcasts to that value's sum.
  ValueId without_axes(ValueId scale, int rank, const std::vector<std::int64_t>& axes,
                       const std::string& scope) {
    const Shape& shape = type(scale).shape;
    std::vector<std::int64_t> dims;
    for (int axis = 0; axis < shape.rank(); ++axis) {
      const std::int64_t in_large = axis + rank - shape.rank();
      if (std::find(axes.begin(), axes.end(), in_large) == axes.end()) dims.push_back(shape[axis]);
    }
    return shaped(scale, Shape(std::move(dims)), scope);
  }

  bool fill_broadcast(const Node& old) {
    if (old.op->name != "broadcast_to") return false;
    const ValueId small = core(rewrite_(old.inputs[0]));
    rewrite_.map({old.id, 0}, shaped(small, old.outputs[0].shape, old.scope));
    return true;
  }

  bool expand_power(const Node& old) {
    if (old.op->name != "power") return false;
    const ValueId x = rewrite_(old.inputs[0]);
    const Uniform exponent = uniform_constant(node(rewrite_(old.inputs[1])));
    if (!exponent.found || type(x).shape != old.outputs[0].shape) return false;
    const auto unary = [&](const char* op) { return add(op, {x}, {}, old.scope); };
    ValueId made;
    if (exponent.value == 1) {
      made = x;
    } else if (exponent.value == 2) {
      made = unary("square");
    } else if (exponent.value == 3) {
      made = add("multiply", {unary("square"), x}, {}, old.scope);
    } else if (exponent.value == 0.5) {
      made = unary("sqrt");
    } else if (exponent.value == -0.5) {
      made = unary("rsqrt");
    } else if (exponent.value == -1) {
      made = unary("reciprocal");
    } else {
      return false;
    }
    rewrite_.map({old.id, 0}, made);
    return true;
  }

  const Graph& from_;
  Rewriter rewrite_;
};

}  // namespace

Graph shrink(const Graph& graph) { return Shrinker(graph).run(); }

}  // namespace sinew::compiler
