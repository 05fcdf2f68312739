#include "sinew/ops/attention.h"

#include <fmt/format.h>

#include <cmath>

#include "ops/attention_limits.h"
#include "ops/product.h"
#include "sinew/base/error.h"
#include "sinew/graph/op.h"
#include "sinew/ops/array.h"
#include "sinew/ops/elementwise.h"
#include "sinew/ops/matmul.h"
#include "sinew/ops/reduce.h"
#include "sinew/ops/softmax.h"

namespace sinew::ops {
namespace {

using Values = std::vector<Value>;

bool broadcastable(const Shape& from, const Shape& to) {
  if (from.rank() > to.rank()) return false;
  for (int axis = -1; axis >= -from.rank(); --axis) {
    if (from[axis] != 1 && from[axis] != to[axis]) return false;
  }
  return true;
}

void check(const Node& node, std::span<const TensorType> inputs) {
  const Shape &q = inputs[0].shape, &k = inputs[1].shape, &v = inputs[2].shape;
  for (std::size_t i = 0; i < 3; ++i) {
    if (!is_floating(inputs[i].dtype) || inputs[i].dtype != inputs[0].dtype) {
      throw DTypeError(fmt::format("{}: needs floating operands of one dtype, not {} and {}",
                                   node.where(), name_of(inputs[0].dtype),
                                   name_of(inputs[i].dtype)));
    }
  }
  const bool fits = q.rank() == 4 && k.rank() == 4 && v.rank() == 4 && k[0] == q[0] &&
                    v[0] == q[0] && k[2] == q[2] && v[2] == q[2] && k[3] == q[3] && v[1] == k[1];
  if (!fits) {
    throw ShapeError(fmt::format(
        "{}: queries {}, keys {} and values {} do not fit; they must be (N, T, heads, D), "
        "(N, S, heads, D) and (N, S, heads, E)",
        node.where(), q.str(), k.str(), v.str()));
  }
  if (k[1] < 1)
    throw ShapeError(fmt::format("{}: the keys {} have no steps", node.where(), k.str()));
  if (!node.attributes.flag("has_mask")) return;
  const TensorType& mask = inputs[3];
  const Shape scores{q[0], q[2], q[1], k[1]};
  if (!broadcastable(mask.shape, scores)) {
    throw ShapeError(
        fmt::format("{}: a mask of shape {} cannot be broadcast to the scores {}, "
                    "(N, heads, T, S)",
                    node.where(), mask.shape.str(), scores.str()));
  }
  const DType added = computing_type(node, inputs[0].dtype);
  if (mask.dtype != DType::Bool && mask.dtype != added) {
    throw DTypeError(fmt::format("{}: the mask must be bool or {}, not {}", node.where(),
                                 name_of(added), name_of(mask.dtype)));
  }
}

AttentionOptions options_of(std::span<const Value> inputs, const Attributes& attributes) {
  AttentionOptions options;
  options.scale = attributes.real("scale");
  options.causal = attributes.flag("causal");
  if (attributes.flag("has_mask")) options.mask = inputs[3];
  return options;
}

Value composed(Value q, Value k, Value v, const AttentionOptions& options) {
  return attend(attention_weights(q, k, options), v);
}

/// (N, T, H, D) <-> (N, H, T, D).
Value swap_heads(Value x) { return transpose(x, {0, 2, 1, 3}); }

/// The gradient of an added mask, for which the scores' gradient is written out: ds = p (dp - sum(p
/// dp)). Dead, and dropped by the compiler, where the mask is no weight.
Value mask_gradient(const GradientRequest& r) {
  const Value p = attention_weights(r.inputs[0], r.inputs[1], options_of(r.inputs, r.attributes()));
  const Value dp =
      matmul(swap_heads(r.cotangents[0]), swap_heads(r.inputs[2]), {.transpose_b = true});
  return sum_to(p * (dp - sum(p * dp, {-1}, true)), r.inputs[3].shape());
}

Values gradient(const GradientRequest& r) {
  if (r.cotangents[1]) throw InternalError("attention: log-sum-exp is not a differentiable output");
  Values inputs = r.inputs;
  inputs.insert(inputs.end(), {r.outputs[0], r.outputs[1], r.cotangents[0]});
  Values result = r.graph.add("attention_backward", inputs, r.attributes());
  if (r.attributes().flag("has_mask"))
    result.push_back(is_floating(r.inputs[3].dtype()) ? mask_gradient(r) : Value());
  return result;
}

/// Of both products, without what causality hides.
double forward_flops(const Node& node, std::span<const TensorType> inputs) {
  const Shape& q = inputs[0].shape;
  const double all = 2.0 * static_cast<double>(q.numel() / std::max<std::int64_t>(1, q[3])) *
                     static_cast<double>(inputs[1].shape[1]) *
                     static_cast<double>(q[3] + inputs[2].shape[3]);
  return node.attributes.flag("causal") ? all / 2 : all;
}

const RegisterOp attention_op({
    .name = "attention",
    .infer = [](const Node& node, std::span<const TensorType> inputs) -> std::vector<TensorType> {
      check(node, inputs);
      const Shape& q = inputs[0].shape;
      // The backward op recomputes the weights from the log of their denominators.
      return {{inputs[0].dtype, q.with(3, inputs[2].shape[3])},
              {computing_type(node, inputs[0].dtype), {q[0], q[2], q[1]}}};
    },
    .gradient = gradient,
    .flops = forward_flops,
    .data = [](const Node&) -> std::vector<std::size_t> {
      return {0, 1, 2};
    },
});

// Inputs: those of attention, its outputs, dy. Outputs: dq, dk, dv.
const RegisterOp attention_backward_op({
    .name = "attention_backward",
    .infer = [](const Node&, std::span<const TensorType> inputs) -> std::vector<TensorType> {
      return {inputs.begin(), inputs.begin() + 3};
    },
    .backward_of =
        [](std::span<const Value> inputs, const Attributes& attributes) {
          return VectorJacobian{
              {inputs[0], inputs[1], inputs[2]},
              {composed(inputs[0], inputs[1], inputs[2], options_of(inputs, attributes))},
              {inputs.back()}};
        },
    // Four products; the scores, computed once more, are not counted.
    .flops = [](const Node& node,
                std::span<const TensorType> inputs) { return 2 * forward_flops(node, inputs); },
    .data = [](const Node& node) -> std::vector<std::size_t> {
      const std::size_t last = node.inputs.size() - 1;
      return {0, 1, 2, last - 2, last};
    },
});

}  // namespace

Value attention_weights(Value q, Value k, AttentionOptions options) {
  const double scale = options.scale.value_or(1 / std::sqrt(static_cast<double>(q.dim(3))));
  Value scores = matmul(swap_heads(q * scale), swap_heads(k), {.transpose_b = true});
  const Value hidden = scalar_like(scores, hidden_score(scores.dtype()));
  if (options.mask) {
    scores = options.mask.dtype() == DType::Bool ? where(options.mask, scores, hidden)
                                                 : scores + options.mask;
  }
  if (options.causal) {
    Graph& graph = q.graph();
    const Value step = reshape(arange(graph, q.dim(1)), {q.dim(1), 1});
    scores = where(greater_equal(step, arange(graph, k.dim(1))), scores, hidden);
  }
  return softmax(scores);
}

Value attend(Value weights, Value v) { return swap_heads(matmul(weights, swap_heads(v))); }

Value attention(Value q, Value k, Value v, AttentionOptions options) {
  if (q.rank() == 4 && v.rank() == 4 && std::max(q.dim(3), v.dim(3)) > kLargestHead)
    return composed(q, k, v, options);
  if (!options.scale && q.rank() == 4) options.scale = 1 / std::sqrt(static_cast<double>(q.dim(3)));
  Values inputs{q, k, v};
  if (options.mask) inputs.push_back(options.mask);
  return q.graph().add("attention", inputs,
                       {{"scale", options.scale.value_or(1.0)},
                        {"causal", options.causal},
                        {"has_mask", options.mask.defined()}})[0];
}

}  // namespace sinew::ops
