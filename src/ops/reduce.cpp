#include "sinew/ops/reduce.h"

#include <fmt/format.h>

#include <algorithm>

#include "sinew/base/error.h"
#include "sinew/graph/op.h"
#include "sinew/ops/array.h"
#include "sinew/ops/elementwise.h"

namespace sinew::ops {
namespace {

Shape reduced_shape(const Shape& x, const std::vector<std::int64_t>& axes, bool keepdims) {
  std::vector<std::int64_t> dims;
  for (int axis = 0; axis < x.rank(); ++axis) {
    if (std::find(axes.begin(), axes.end(), axis) == axes.end()) {
      dims.push_back(x[axis]);
    } else if (keepdims) {
      dims.push_back(1);
    }
  }
  return Shape(std::move(dims));
}

std::vector<TensorType> infer(const Node& node, std::span<const TensorType> inputs) {
  if (inputs[0].dtype == DType::Bool) {
    throw DTypeError(fmt::format("{}: cannot reduce a bool; cast it first", node.where()));
  }
  return {{inputs[0].dtype, reduced_shape(inputs[0].shape, node.attributes.integers("axes"),
                                          node.attributes.flag("keepdims"))}};
}

/// dy with the reduced axes back as extents of 1, so that it broadcasts against x.
Value with_kept_axes(const GradientRequest& r, Value y) {
  return reshape(y, reduced_shape(r.inputs[0].shape(), r.attributes().integers("axes"), true));
}

std::vector<Value> extreme_gradient(const GradientRequest& r) {
  const Value x = r.inputs[0];
  std::vector<int> axes;
  for (std::int64_t axis : r.attributes().integers("axes")) axes.push_back(static_cast<int>(axis));
  const Value hit = cast(equal(x, with_kept_axes(r, r.outputs[0])), x.dtype());
  return {hit * (with_kept_axes(r, r.cotangents[0]) / sum(hit, axes, true))};
}

double flops(const Node&, std::span<const TensorType> inputs) {
  return static_cast<double>(inputs[0].shape.numel());
}

const RegisterOp sum_op({
    .name = "reduce_sum",
    .infer = infer,
    .gradient = [](const GradientRequest& r) -> std::vector<Value> {
      return {broadcast_to(with_kept_axes(r, r.cotangents[0]), r.inputs[0].shape())};
    },
    .flops = flops,
});
const RegisterOp max_op(
    {.name = "reduce_max", .infer = infer, .gradient = extreme_gradient, .flops = flops});
const RegisterOp min_op(
    {.name = "reduce_min", .infer = infer, .gradient = extreme_gradient, .flops = flops});
const RegisterOp argmax_op({
    .name = "argmax",
    .infer = [](const Node& node, std::span<const TensorType> inputs) -> std::vector<TensorType> {
      const std::int64_t axis = node.attributes.integer("axis");
      return {{DType::Int64, reduced_shape(inputs[0].shape, {axis}, false)}};
    },
    .gradient = [](const GradientRequest&) -> std::vector<Value> { return {{}}; },
    .flops = flops,
});

std::vector<std::int64_t> normalize(const Value& x, const std::vector<int>& axes) {
  std::vector<std::int64_t> result;
  for (int axis : axes) result.push_back(normalize_axis(axis, x.rank(), "reduction"));
  if (axes.empty()) {
    for (int axis = 0; axis < x.rank(); ++axis) result.push_back(axis);
  }
  std::sort(result.begin(), result.end());
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

Value reduce(const char* op, Value x, const std::vector<int>& axes, bool keepdims) {
  return x.graph().add(op, std::vector<Value>{x},
                       {{"axes", normalize(x, axes)}, {"keepdims", keepdims}})[0];
}

}  // namespace

Value sum(Value x, std::vector<int> axes, bool keepdims) {
  return reduce("reduce_sum", x, axes, keepdims);
}
Value max(Value x, std::vector<int> axes, bool keepdims) {
  return reduce("reduce_max", x, axes, keepdims);
}
Value min(Value x, std::vector<int> axes, bool keepdims) {
  return reduce("reduce_min", x, axes, keepdims);
}

Value mean(Value x, std::vector<int> axes, bool keepdims) {
  // One over the count, too, would be rounded.
  if (x.dtype() == DType::BFloat16)
    return cast(mean(cast(x, DType::Float32), axes, keepdims), DType::BFloat16);
  double count = 1;
  for (std::int64_t axis : normalize(x, axes))
    count *= static_cast<double>(x.dim(static_cast<int>(axis)));
  return sum(x, axes, keepdims) * (1.0 / count);
}

Value variance(Value x, std::vector<int> axes, bool keepdims) {
  if (x.dtype() == DType::BFloat16)
    return cast(variance(cast(x, DType::Float32), axes, keepdims), DType::BFloat16);
  return mean(square(x - mean(x, axes, true)), axes, keepdims);
}

Value argmax(Value x, int axis) {
  const std::int64_t normal = normalize_axis(axis, x.rank(), "argmax");
  return x.graph().add("argmax", std::vector<Value>{x}, {{"axis", normal}})[0];
}

Value sum_to(Value x, const Shape& shape) {
  if (x.shape() == shape) return x;
  std::vector<int> axes;
  const int lead = x.rank() - shape.rank();
  for (int axis = 0; axis < x.rank(); ++axis) {
    if (axis < lead || (shape[axis - lead] == 1 && x.dim(axis) != 1)) axes.push_back(axis);
  }
  return reshape(axes.empty() ? x : sum(x, axes), shape);
}

}  // namespace sinew::ops
