#include "sinew/ops/pool.h"

#include <fmt/format.h>

#include "ops/window.h"
#include "sinew/base/error.h"
#include "sinew/graph/op.h"

namespace sinew::ops {
namespace {

Attributes to_attributes(const Pool2DOptions& options) {
  return {
      {"pool_size", std::vector<std::int64_t>(options.pool_size.begin(), options.pool_size.end())},
      {"strides", std::vector<std::int64_t>(options.strides.begin(), options.strides.end())},
      {"padding", std::vector<std::int64_t>(options.padding.begin(), options.padding.end())}};
}

Shape pooled_shape(const Node& node, const Shape& x) {
  const auto& size = node.attributes.integers("pool_size");
  const auto& strides = node.attributes.integers("strides");
  const auto& padding = node.attributes.integers("padding");
  const auto fail = [&](const std::string& what) {
    throw ShapeError(fmt::format("{}: input {}, window ({}, {}): {}", node.where(), x.str(),
                                 size[0], size[1], what));
  };
  if (x.rank() != 4) fail("the input must have rank 4, (N, H, W, C)");
  // A window that lies in the padding alone would have no element to take.
  for (std::size_t side = 0; side < 4; ++side) {
    if (padding[side] < 0 || padding[side] >= size[side / 2])
      fail("padding must be smaller than the window");
  }
  const std::int64_t rows = window_count(x[1] + padding[0] + padding[1], size[0], strides[0]);
  const std::int64_t columns = window_count(x[2] + padding[2] + padding[3], size[1], strides[1]);
  if (rows < 1 || columns < 1) fail("the window is larger than the padded input");
  return {x[0], rows, columns, x[3]};
}

void check_floating(const Node& node, const TensorType& type) {
  if (!is_floating(type.dtype)) {
    throw DTypeError(
        fmt::format("{}: needs a floating input, not {}", node.where(), name_of(type.dtype)));
  }
}

/// Which cell of its window each output came from, counted row by row.
DType index_dtype(const Node& node) {
  const auto& size = node.attributes.integers("pool_size");
  return size[0] * size[1] <= 256 ? DType::UInt8 : DType::Int32;
}

Value add(const char* op, std::vector<Value> inputs, Attributes attributes) {
  return inputs[0].graph().add(op, inputs, std::move(attributes))[0];
}

Attributes with_x_shape(Attributes attributes, const Shape& x) {
  attributes.set("x_shape", x.dims());
  return attributes;
}

double window_flops(const Node& node, const Shape& pooled) {
  const auto& size = node.attributes.integers("pool_size");
  return static_cast<double>(pooled.numel() * size[0] * size[1]);
}

const RegisterOp max_pool2d_op({
    .name = "max_pool2d",
    .infer = [](const Node& node, std::span<const TensorType> inputs) -> std::vector<TensorType> {
      check_floating(node, inputs[0]);
      const Shape pooled = pooled_shape(node, inputs[0].shape);
      return {{inputs[0].dtype, pooled}, {index_dtype(node), pooled}};
    },
    .gradient = [](const GradientRequest& r) -> std::vector<Value> {
      return {add("max_pool2d_backward", {r.outputs[1], r.cotangents[0]},
                  with_x_shape(r.attributes(), r.inputs[0].shape()))};
    },
    .flops = [](const Node& node,
                std::span<const TensorType>) { return window_flops(node, node.outputs[0].shape); },
});

// (index, dy) -> dx: each dy is added at the cell its index names.
const RegisterOp max_pool2d_backward_op({
    .name = "max_pool2d_backward",
    .infer = [](const Node& node, std::span<const TensorType> inputs) -> std::vector<TensorType> {
      return {{inputs[1].dtype, Shape(node.attributes.integers("x_shape"))}};
    },
    .gradient = [](const GradientRequest& r) -> std::vector<Value> {
      return {{}, add("max_pool2d_gather", {r.inputs[0], r.cotangents[0]}, r.attributes())};
    },
    .flops =
        [](const Node&, std::span<const TensorType> inputs) {
          return static_cast<double>(inputs[1].shape.numel());
        },
});

// (index, x) -> the element of each window that the index names: the transpose of
// max_pool2d_backward.
const RegisterOp max_pool2d_gather_op({
    .name = "max_pool2d_gather",
    .infer = [](const Node&, std::span<const TensorType> inputs) -> std::vector<TensorType> {
      return {{inputs[1].dtype, inputs[0].shape}};
    },
    .gradient = [](const GradientRequest& r) -> std::vector<Value> {
      return {{}, add("max_pool2d_backward", {r.inputs[0], r.cotangents[0]}, r.attributes())};
    },
});

const RegisterOp average_pool2d_op({
    .name = "average_pool2d",
    .infer = [](const Node& node, std::span<const TensorType> inputs) -> std::vector<TensorType> {
      check_floating(node, inputs[0]);
      return {{inputs[0].dtype, pooled_shape(node, inputs[0].shape)}};
    },
    .gradient = [](const GradientRequest& r) -> std::vector<Value> {
      return {add("average_pool2d_backward", {r.cotangents[0]},
                  with_x_shape(r.attributes(), r.inputs[0].shape()))};
    },
    .flops = [](const Node& node,
                std::span<const TensorType>) { return window_flops(node, node.outputs[0].shape); },
});

const RegisterOp average_pool2d_backward_op({
    .name = "average_pool2d_backward",
    .infer = [](const Node& node, std::span<const TensorType> inputs) -> std::vector<TensorType> {
      return {{inputs[0].dtype, Shape(node.attributes.integers("x_shape"))}};
    },
    .gradient = [](const GradientRequest& r) -> std::vector<Value> {
      Attributes attributes = r.attributes();
      attributes.erase("x_shape");
      return {add("average_pool2d", {r.cotangents[0]}, std::move(attributes))};
    },
    .flops = [](const Node& node,
                std::span<const TensorType> inputs) { return window_flops(node, inputs[0].shape); },
});

}  // namespace

Value max_pool2d(Value x, Pool2DOptions options) {
  return add("max_pool2d", {x}, to_attributes(options));
}

Value average_pool2d(Value x, Pool2DOptions options) {
  return add("average_pool2d", {x}, to_attributes(options));
}

}  // namespace sinew::ops
