#include "sinew/ops/batch_norm.h"

#include <fmt/format.h>

#include "ops/product.h"
#include "sinew/base/error.h"
#include "sinew/graph/op.h"
#include "sinew/ops/array.h"
#include "sinew/ops/elementwise.h"
#include "sinew/ops/reduce.h"

namespace sinew::ops {
namespace {

/// x (…, C) first; the vectors (C,) stand at [1, 1 + vectors), further inputs are like x.
void check(const Node& node, std::span<const TensorType> inputs, std::size_t vectors) {
  const TensorType& x = inputs[0];
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const bool is_vector = i >= 1 && i <= vectors;
    if (!is_floating(x.dtype) ||
        inputs[i].dtype != (is_vector ? computing_type(node, x.dtype) : x.dtype)) {
      throw DTypeError(fmt::format("{}: needs floating inputs of one dtype, not {} and {}",
                                   node.where(), name_of(x.dtype), name_of(inputs[i].dtype)));
    }
  }
  if (x.shape.rank() < 2) {
    throw ShapeError(fmt::format("{}: input {} must have two axes or more, features last",
                                 node.where(), x.shape.str()));
  }
  for (std::size_t i = 1; i < inputs.size(); ++i) {
    const Shape wanted = i <= vectors ? Shape{x.shape[-1]} : x.shape;
    if (inputs[i].shape == wanted) continue;
    throw ShapeError(
        fmt::format("{}: input {} of shape {} does not fit x of shape {}; it must be {}",
                    node.where(), i, inputs[i].shape.str(), x.shape.str(), wanted.str()));
  }
}

double rows_of(const Shape& x) {
  return static_cast<double>(x.numel()) / static_cast<double>(x[-1]);
}

std::vector<int> all_but_last(const Value& x) {
  std::vector<int> axes;
  for (int axis = 0; axis + 1 < x.rank(); ++axis) axes.push_back(axis);
  return axes;
}

std::vector<Value> gradient(const GradientRequest& r) {
  const Value x = r.inputs[0];
  std::vector<Value> result(r.inputs.size());
  if (const Value dy = r.cotangents[0]) {
    result = r.graph.add("batch_norm_backward",
                         std::vector<Value>{x, r.inputs[1], r.outputs[1], r.outputs[2], dy},
                         {{"epsilon", r.attributes().real("epsilon")}});
  }
  const auto add = [&](Value dx) { result[0] = result[0] ? result[0] + dx : dx; };
  const double share = 1.0 / rows_of(x.shape());
  if (const Value dmean = r.cotangents[1]) add(broadcast_to(dmean * share, x.shape()));
  if (const Value dvariance = r.cotangents[2]) add((x - r.outputs[1]) * (dvariance * (2 * share)));
  return result;
}

// What the compiler's fuse pass adds: `residual`, a further input like x that is added to y, and
// `activation` "relu" after that.
const RegisterOp batch_norm_op({
    .name = "batch_norm",
    .infer = [](const Node& node, std::span<const TensorType> inputs) -> std::vector<TensorType> {
      check(node, inputs, 2);
      const TensorType vector{computing_type(node, inputs[0].dtype), Shape{inputs[0].shape[-1]}};
      return {inputs[0], vector, vector};
    },
    .gradient = gradient,
    .flops =
        [](const Node&, std::span<const TensorType> inputs) {
          return 7.0 * static_cast<double>(inputs[0].shape.numel());
        },
    .data = [](const Node& node) -> std::vector<std::size_t> {
      return node.inputs.size() > 3 ? std::vector<std::size_t>{0, 3} : std::vector<std::size_t>{0};
    },
});

// (x, gamma, mean, variance, dy) -> (dx, dgamma, dbeta), through the statistics to x. The fuse pass
// adds: `sum`, a further input that is added to dy; `activation` "relu", a further input, the
// result of relu, where which is positive dy counts; `masked`, a further output, the dy that
// counted.
const RegisterOp batch_norm_backward_op({
    .name = "batch_norm_backward",
    .infer = [](const Node& node, std::span<const TensorType> inputs) -> std::vector<TensorType> {
      check(node, inputs, 3);
      const TensorType vector{computing_type(node, inputs[0].dtype), Shape{inputs[0].shape[-1]}};
      std::vector<TensorType> outputs{inputs[0], vector, vector};
      if (node.attributes.flag("masked")) outputs.push_back(inputs[0]);
      return outputs;
    },
    .decompose = [](std::span<const Value> inputs,
                    const Attributes& attributes) -> std::vector<Value> {
      const Value x = inputs[0], gamma = inputs[1], mean = inputs[2], dy = inputs[4];
      const Value factor = rsqrt(inputs[3] + attributes.real("epsilon"));
      const Value normal = (x - mean) * factor;
      const Value dgamma = sum(dy * normal, all_but_last(x));
      const Value dbeta = sum(dy, all_but_last(x));
      const double share = 1.0 / rows_of(x.shape());
      return {(dy - dbeta * share - normal * (dgamma * share)) * (gamma * factor), dgamma, dbeta};
    },
    .flops =
        [](const Node&, std::span<const TensorType> inputs) {
          return 9.0 * static_cast<double>(inputs[0].shape.numel());
        },
    .data = [](const Node& node) -> std::vector<std::size_t> {
      std::vector<std::size_t> data{0};
      for (std::size_t i = 4; i < node.inputs.size(); ++i) data.push_back(i);
      return data;
    },
});

}  // namespace

BatchNorm batch_norm(Value x, Value gamma, Value beta, double epsilon) {
  const std::vector<Value> results =
      x.graph().add("batch_norm", std::vector<Value>{x, gamma, beta}, {{"epsilon", epsilon}});
  return {results[0], results[1], results[2]};
}

}  // namespace sinew::ops
