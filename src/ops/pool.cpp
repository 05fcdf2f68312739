#include "sinew/ops/pool.h"

#include <fmt/format.h>

#include "ops/window.h"
#include "sinew/base/error.h"
#include "sinew/graph/op.h"
#include "sinew/ops/array.h"

namespace sinew::ops {
namespace {

Attributes to_attributes(const PoolOptions& options) {
  return {
      {"pool_size", options.pool_size}, {"strides", options.strides}, {"padding", options.padding}};
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

const RegisterOp max_pool_op({
    .name = "max_pool",
    .infer = [](const Node& node, std::span<const TensorType> inputs) -> std::vector<TensorType> {
      check_floating(node, inputs[0]);
      const Shape pooled = pooled_shape(node, inputs[0].shape);
      return {{inputs[0].dtype, pooled}, {index_dtype(node), pooled}};
    },
    .gradient = [](const GradientRequest& r) -> std::vector<Value> {
      return {add("max_pool_backward", {r.outputs[1], r.cotangents[0]},
                  with_x_shape(r.attributes(), r.inputs[0].shape()))};
    },
    .flops = [](const Node& node,
                std::span<const TensorType>) { return window_flops(node, node.outputs[0].shape); },
});

// (index, dy) -> dx: each dy is added at the cell its index names.
const RegisterOp max_pool_backward_op({
    .name = "max_pool_backward",
    .infer = [](const Node& node, std::span<const TensorType> inputs) -> std::vector<TensorType> {
      return {{inputs[1].dtype, Shape(node.attributes.integers("x_shape"))}};
    },
    .gradient = [](const GradientRequest& r) -> std::vector<Value> {
      return {{}, add("max_pool_gather", {r.inputs[0], r.cotangents[0]}, r.attributes())};
    },
    .flops =
        [](const Node&, std::span<const TensorType> inputs) {
          return static_cast<double>(inputs[1].shape.numel());
        },
});

// (index, x) -> the element of each window that the index names: the transpose of
// max_pool_backward.
const RegisterOp max_pool_gather_op({
    .name = "max_pool_gather",
    .infer = [](const Node&, std::span<const TensorType> inputs) -> std::vector<TensorType> {
      return {{inputs[1].dtype, inputs[0].shape}};
    },
    .gradient = [](const GradientRequest& r) -> std::vector<Value> {
      return {{}, add("max_pool_backward", {r.inputs[0], r.cotangents[0]}, r.attributes())};
    },
});

const RegisterOp average_pool_op({
    .name = "average_pool",
    .infer = [](const Node& node, std::span<const TensorType> inputs) -> std::vector<TensorType> {
      check_floating(node, inputs[0]);
      return {{inputs[0].dtype, pooled_shape(node, inputs[0].shape)}};
    },
    .gradient = [](const GradientRequest& r) -> std::vector<Value> {
      return {add("average_pool_backward", {r.cotangents[0]},
                  with_x_shape(r.attributes(), r.inputs[0].shape()))};
    },
    .flops = [](const Node& node,
                std::span<const TensorType>) { return window_flops(node, node.outputs[0].shape); },
});

const RegisterOp average_pool_backward_op({
    .name = "average_pool_backward",
    .infer = [](const Node& node, std::span<const TensorType> inputs) -> std::vector<TensorType> {
      return {{inputs[0].dtype, Shape(node.attributes.integers("x_shape"))}};
    },
    .gradient = [](const GradientRequest& r) -> std::vector<Value> {
      Attributes attributes = r.attributes();
      attributes.erase("x_shape");
      return {add("average_pool", {r.cotangents[0]}, std::move(attributes))};
    },
    .flops = [](const Node& node,
                std::span<const TensorType> inputs) { return window_flops(node, inputs[0].shape); },
});

}  // namespace

namespace {

using Extents = std::vector<std::int64_t>;

/// The options' entries for axes [first, last).
PoolOptions part(const PoolOptions& o, std::ptrdiff_t first, std::ptrdiff_t last) {
  return {.pool_size = Extents(o.pool_size.begin() + first, o.pool_size.begin() + last),
          .strides = Extents(o.strides.begin() + first, o.strides.begin() + last),
          .padding = Extents(o.padding.begin() + 2 * first, o.padding.begin() + 2 * last)};
}

/// The same for the columns of an image of which every row is one.
PoolOptions with_row(PoolOptions o, bool first) {
  const auto at = [&](auto& entries) { return first ? entries.begin() : entries.end(); };
  o.pool_size.insert(at(o.pool_size), 1);
  o.strides.insert(at(o.strides), 1);
  o.padding.insert(at(o.padding), 2, 0);
  return o;
}

Value pool(const char* op, Value x, PoolOptions o) {
  if (x.rank() < 3 || x.rank() > 5) {
    throw ShapeError(
        fmt::format("op {}: input {} must have rank 4, (N, H, W, C), or one axis less or more", op,
                    x.shape().str()));
  }
  const auto spatial = static_cast<std::size_t>(x.rank() - 2);
  if (o.pool_size.empty()) o.pool_size.assign(spatial, 2);
  if (o.strides.empty()) o.strides = o.pool_size;
  if (o.padding.empty()) o.padding.assign(2 * spatial, 0);
  if (o.pool_size.size() != spatial || o.strides.size() != spatial ||
      o.padding.size() != 2 * spatial) {
    throw ShapeError(fmt::format("op {}: input {} needs a window, strides and padding of {} axes",
                                 op, x.shape().str(), spatial));
  }
  if (spatial == 1) {
    const Value y = pool(op, reshape(x, {x.dim(0), 1, x.dim(1), x.dim(2)}), with_row(o, true));
    return reshape(y, {y.dim(0), y.dim(2), y.dim(3)});
  }
  if (spatial == 3) {
    // Windows are boxes, so that the largest of planes' largest, and the mean of their means over
    // equally many cells, is the window's.
    Value y =
        pool(op, reshape(x, {x.dim(0) * x.dim(1), x.dim(2), x.dim(3), x.dim(4)}), part(o, 1, 3));
    const Shape plane = y.shape();
    y = pool(op, reshape(y, {x.dim(0), x.dim(1), plane[1] * plane[2], plane[3]}),
             with_row(part(o, 0, 1), false));
    return reshape(y, {x.dim(0), y.dim(1), plane[1], plane[2], plane[3]});
  }
  return add(op, {x}, to_attributes(o));
}

}  // namespace

Value max_pool(Value x, PoolOptions options) { return pool("max_pool", x, std::move(options)); }

Value average_pool(Value x, PoolOptions options) {
  return pool("average_pool", x, std::move(options));
}

}  // namespace sinew::ops
