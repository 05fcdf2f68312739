#include "sinew/ops/norm.h"

#include <fmt/format.h>

#include "ops/product.h"
#include "sinew/base/error.h"
#include "sinew/graph/op.h"
#include "sinew/ops/array.h"
#include "sinew/ops/elementwise.h"
#include "sinew/ops/reduce.h"

namespace sinew::ops {
namespace {

using Values = std::vector<Value>;

Shape rows_of(const Shape& x) { return Shape(std::vector<std::int64_t>(x.begin(), x.end() - 1)); }

void check_vector(const Node& node, const TensorType& x, const TensorType& vector,
                  const char* what) {
  if (vector.dtype != computing_type(node, x.dtype)) {
    throw DTypeError(fmt::format("{}: {} is {}, the input {}", node.where(), what,
                                 name_of(vector.dtype), name_of(x.dtype)));
  }
  if (vector.shape != Shape{x.shape[-1]}) {
    throw ShapeError(
        fmt::format("{}: {} must have one number for each of the last axis of {}, "
                    "not shape {}",
                    node.where(), what, x.shape.str(), vector.shape.str()));
  }
}

/// y, then the mean and 1 / standard deviation of each row, which the backward op needs.
std::vector<TensorType> infer(const Node& node, std::span<const TensorType> inputs) {
  const TensorType& x = inputs[0];
  if (!is_floating(x.dtype)) {
    throw DTypeError(
        fmt::format("{}: needs a floating input, not {}", node.where(), name_of(x.dtype)));
  }
  if (x.shape.rank() < 1) throw ShapeError(fmt::format("{}: the input is a scalar", node.where()));
  std::size_t at = 1;
  if (node.attributes.flag("has_gamma")) check_vector(node, x, inputs[at++], "gamma");
  if (node.attributes.flag("has_beta")) check_vector(node, x, inputs[at++], "beta");
  const TensorType rows{computing_type(node, x.dtype), rows_of(x.shape)};
  return {{x.dtype, x.shape}, rows, rows};
}

/// Inputs: x, gamma if there is one, mean, 1 / standard deviation, dy. Outputs: dx, dgamma, dbeta.
std::vector<TensorType> infer_backward(const Node& node, std::span<const TensorType> inputs) {
  const TensorType& x = inputs[0];
  if (inputs.back().dtype != x.dtype) {
    throw DTypeError(fmt::format("{}: the gradient is {}, the input {}", node.where(),
                                 name_of(inputs.back().dtype), name_of(x.dtype)));
  }
  const TensorType vector{computing_type(node, x.dtype), {x.shape[-1]}};
  std::vector<TensorType> outputs{x};
  if (node.attributes.flag("has_gamma")) outputs.push_back(vector);
  if (node.attributes.flag("has_beta")) outputs.push_back(vector);
  return outputs;
}

Values gradient(const GradientRequest& r) {
  if (r.cotangents[1] || r.cotangents[2]) {
    throw InternalError("layer_norm: the rows' statistics are not differentiable outputs");
  }
  Values inputs{r.inputs[0]};
  if (r.attributes().flag("has_gamma")) inputs.push_back(r.inputs[1]);
  inputs.insert(inputs.end(), {r.outputs[1], r.outputs[2], r.cotangents[0]});
  return r.graph.add("layer_norm_backward", inputs, r.attributes());
}

/// With n = (x - mean) / deviation and g = dy gamma: dx = (g - mean(g) - n mean(g n)) / deviation.
Values decompose_backward(std::span<const Value> inputs, const Attributes& attributes) {
  const bool has_gamma = attributes.flag("has_gamma");
  const Value x = inputs[0];
  const Value dy = inputs[has_gamma ? 4 : 3];
  const Value centered = x - mean(x, {-1}, true);
  const Value scale = rsqrt(mean(square(centered), {-1}, true) + attributes.real("epsilon"));
  const Value normal = centered * scale;
  const Value g = has_gamma ? dy * inputs[1] : dy;
  const Shape vector{x.dim(-1)};
  Values outputs{(g - mean(g, {-1}, true) - normal * mean(g * normal, {-1}, true)) * scale};
  if (has_gamma) outputs.push_back(sum_to(dy * normal, vector));
  if (attributes.flag("has_beta")) outputs.push_back(sum_to(dy, vector));
  return outputs;
}

const RegisterOp layer_norm_op({
    .name = "layer_norm",
    .infer = infer,
    .gradient = gradient,
    .flops =
        [](const Node&, std::span<const TensorType> inputs) {
          return 8.0 * static_cast<double>(inputs[0].shape.numel());
        },
    .data = [](const Node&) -> std::vector<std::size_t> { return {0}; },
});

const RegisterOp layer_norm_backward_op({
    .name = "layer_norm_backward",
    .infer = infer_backward,
    .decompose = decompose_backward,
    .flops =
        [](const Node&, std::span<const TensorType> inputs) {
          return 14.0 * static_cast<double>(inputs[0].shape.numel());
        },
    .data = [](const Node& node) -> std::vector<std::size_t> {
      return {0, node.inputs.size() - 1};
    },
});

}  // namespace

Value layer_norm(Value x, Value gamma, Value beta, double epsilon) {
  Values inputs{x};
  for (const Value& vector : {gamma, beta}) {
    if (vector) inputs.push_back(vector);
  }
  return x.graph().add(
      "layer_norm", inputs,
      {{"epsilon", epsilon}, {"has_gamma", gamma.defined()}, {"has_beta", beta.defined()}})[0];
}

}  // namespace sinew::ops
