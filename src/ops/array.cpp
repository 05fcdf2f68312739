#include "sinew/ops/array.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "ops/crop.h"
#include "sinew/base/error.h"
#include "sinew/graph/op.h"
#include "sinew/ops/elementwise.h"
#include "sinew/ops/reduce.h"

namespace sinew::ops {
namespace {

using Types = std::vector<TensorType>;
using Inputs = std::span<const TensorType>;
using Values = std::vector<Value>;

Value add(const char* op, Values inputs, Attributes attributes = {}) {
  return inputs[0].graph().add(op, inputs, std::move(attributes))[0];
}

double bytes_of(const TensorType& type) {
  return static_cast<double>(type.shape.numel()) * static_cast<double>(size_of(type.dtype));
}

bool broadcastable(const Shape& from, const Shape& to) {
  if (from.rank() > to.rank()) return false;
  for (int axis = -1; axis >= -from.rank(); --axis) {
    if (from[axis] != 1 && from[axis] != to[axis]) return false;
  }
  return true;
}

const RegisterOp reshape_op({
    .name = "reshape",
    .infer = [](const Node& node, Inputs inputs) -> Types {
      const Shape shape(node.attributes.integers("shape"));
      if (shape.numel() != inputs[0].shape.numel()) {
        throw ShapeError(fmt::format("{}: {} has {} elements, {} has {}", node.where(),
                                     inputs[0].shape.str(), inputs[0].shape.numel(), shape.str(),
                                     shape.numel()));
      }
      return {{inputs[0].dtype, shape}};
    },
    .gradient = [](const GradientRequest& r) -> Values {
      return {reshape(r.cotangents[0], r.inputs[0].shape())};
    },
    .view = true,
});

/// The same elements in another layout: made by the layout pass alone, which gives the output its
/// layout.
const RegisterOp reorder_op({
    .name = "reorder",
    .infer = [](const Node&, std::span<const TensorType> inputs) -> std::vector<TensorType> {
      return {{inputs[0].dtype, inputs[0].shape}};
    },
});

const RegisterOp transpose_op({
    .name = "transpose",
    .infer = [](const Node& node, Inputs inputs) -> Types {
      const auto& permutation = node.attributes.integers("permutation");
      std::vector<std::int64_t> sorted = permutation;
      std::sort(sorted.begin(), sorted.end());
      std::vector<std::int64_t> dims;
      for (std::size_t i = 0; i < permutation.size(); ++i) {
        if (sorted[i] != static_cast<std::int64_t>(i) ||
            static_cast<int>(permutation.size()) != inputs[0].shape.rank()) {
          throw ShapeError(fmt::format("{}: the permutation does not name each axis of {} once",
                                       node.where(), inputs[0].shape.str()));
        }
        dims.push_back(inputs[0].shape[static_cast<int>(permutation[i])]);
      }
      return {{inputs[0].dtype, Shape(std::move(dims))}};
    },
    .gradient = [](const GradientRequest& r) -> Values {
      const auto& permutation = r.attributes().integers("permutation");
      std::vector<int> inverse(permutation.size());
      for (std::size_t i = 0; i < permutation.size(); ++i)
        inverse[static_cast<std::size_t>(permutation[i])] = static_cast<int>(i);
      return {transpose(r.cotangents[0], inverse)};
    },
});

const RegisterOp broadcast_op({
    .name = "broadcast_to",
    .infer = [](const Node& node, Inputs inputs) -> Types {
      const Shape shape(node.attributes.integers("shape"));
      if (!broadcastable(inputs[0].shape, shape)) {
        throw ShapeError(fmt::format("{}: {} cannot be broadcast to {}", node.where(),
                                     inputs[0].shape.str(), shape.str()));
      }
      return {{inputs[0].dtype, shape}};
    },
    .gradient = [](const GradientRequest& r) -> Values {
      return {sum_to(r.cotangents[0], r.inputs[0].shape())};
    },
});

const RegisterOp concatenate_op({
    .name = "concatenate",
    .infer = [](const Node& node, Inputs inputs) -> Types {
      const int axis = static_cast<int>(node.attributes.integer("axis"));
      std::int64_t extent = 0;
      for (const TensorType& input : inputs) {
        if (input.dtype != inputs[0].dtype || input.shape.rank() != inputs[0].shape.rank() ||
            input.shape.with(axis, 0) != inputs[0].shape.with(axis, 0)) {
          throw ShapeError(fmt::format("{}: {} and {} cannot be joined along axis {}", node.where(),
                                       inputs[0].str(), input.str(), axis));
        }
        extent += input.shape[axis];
      }
      return {{inputs[0].dtype, inputs[0].shape.with(axis, extent)}};
    },
    .gradient = [](const GradientRequest& r) -> Values {
      const int axis = static_cast<int>(r.attributes().integer("axis"));
      Values result;
      std::int64_t begin = 0;
      for (const Value& input : r.inputs) {
        result.push_back(slice(r.cotangents[0], axis, begin, begin + input.dim(axis)));
        begin += input.dim(axis);
      }
      return result;
    },
});

const RegisterOp slice_op({
    .name = "slice",
    .infer = [](const Node& node, Inputs inputs) -> Types {
      const Attributes& a = node.attributes;
      const std::int64_t count = std::max<std::int64_t>(0, a.integer("end") - a.integer("begin"));
      const std::int64_t step = a.integer("step");
      return {{inputs[0].dtype, inputs[0].shape.with(static_cast<int>(a.integer("axis")),
                                                     (count + step - 1) / step)}};
    },
    .gradient = [](const GradientRequest& r) -> Values {
      Attributes attributes = r.attributes();
      attributes.set("x_shape", r.inputs[0].shape().dims());
      return {add("slice_backward", {r.cotangents[0]}, std::move(attributes))};
    },
    .bytes = [](const Node& node, Inputs) { return 2.0 * bytes_of(node.outputs[0]); },
});

// Puts dy where slice took it from, into zeros.
const RegisterOp slice_backward_op({
    .name = "slice_backward",
    .infer = [](const Node& node, Inputs inputs) -> Types {
      return {{inputs[0].dtype, Shape(node.attributes.integers("x_shape"))}};
    },
    .gradient = [](const GradientRequest& r) -> Values {
      const Attributes& a = r.attributes();
      return {slice(r.cotangents[0], static_cast<int>(a.integer("axis")), a.integer("begin"),
                    a.integer("end"), a.integer("step"))};
    },
});

/// Of pad (+1) and crop (-1), each the other's gradient.
Shape with_borders(const Node& node, Shape shape, int sign) {
  const auto& before = node.attributes.integers("before");
  const auto& after = node.attributes.integers("after");
  const Shape from = shape;
  for (int axis = 0; axis < from.rank(); ++axis) {
    const auto i = static_cast<std::size_t>(axis);
    if (i >= before.size() || i >= after.size() || before[i] < 0 || after[i] < 0) {
      throw ShapeError(
          fmt::format("{}: needs a border of 0 or more before and after each axis of {}",
                      node.where(), from.str()));
    }
    const std::int64_t border = before[i] + after[i];
    if (sign < 0 && from[axis] < border) {
      throw ShapeError(fmt::format("{}: axis {} of {} has no {} elements to take away",
                                   node.where(), axis, from.str(), border));
    }
    shape = shape.with(axis, from[axis] + sign * border);
  }
  return shape;
}

const RegisterOp pad_op({
    .name = "pad",
    .infer = [](const Node& node, Inputs inputs) -> Types {
      return {{inputs[0].dtype, with_borders(node, inputs[0].shape, 1)}};
    },
    .gradient = [](const GradientRequest& r) -> Values {
      return {crop(r.cotangents[0], r.attributes().integers("before"),
                   r.attributes().integers("after"))};
    },
});

const RegisterOp crop_op({
    .name = "crop",
    .infer = [](const Node& node, Inputs inputs) -> Types {
      return {{inputs[0].dtype, with_borders(node, inputs[0].shape, -1)}};
    },
    .gradient = [](const GradientRequest& r) -> Values {
      return {pad(r.cotangents[0], r.attributes().integers("before"),
                  r.attributes().integers("after"))};
    },
});

const RegisterOp reverse_op({
    .name = "reverse",
    .infer = [](const Node&, Inputs inputs) -> Types {
      return {{inputs[0].dtype, inputs[0].shape}};
    },
    .gradient = [](const GradientRequest& r) -> Values {
      std::vector<int> axes;
      for (std::int64_t axis : r.attributes().integers("axes"))
        axes.push_back(static_cast<int>(axis));
      return {reverse(r.cotangents[0], axes)};
    },
});

}  // namespace

Value reshape(Value x, Shape shape) {
  std::vector<std::int64_t> dims = shape.dims();
  const auto unknown = std::find(dims.begin(), dims.end(), Shape::kUnknown);
  if (unknown != dims.end()) {
    *unknown = 1;
    const std::int64_t known = Shape(dims).numel();
    *unknown = known == 0 ? 0 : x.shape().numel() / known;
  }
  return add("reshape", {x}, {{"shape", std::move(dims)}});
}

Value transpose(Value x, std::vector<int> permutation) {
  std::vector<std::int64_t> axes(permutation.begin(), permutation.end());
  if (axes.empty()) {
    for (int axis = x.rank() - 1; axis >= 0; --axis) axes.push_back(axis);
  }
  return add("transpose", {x}, {{"permutation", std::move(axes)}});
}

Value expand_dims(Value x, int axis) {
  std::vector<std::int64_t> dims = x.shape().dims();
  dims.insert(dims.begin() + normalize_axis(axis, x.rank() + 1, "expand_dims"), 1);
  return reshape(x, Shape(std::move(dims)));
}

Value squeeze(Value x, int axis) {
  const int at = normalize_axis(axis, x.rank(), "squeeze");
  if (x.dim(at) != 1)
    throw ShapeError(fmt::format("squeeze: axis {} of {} is not 1", axis, x.shape().str()));
  std::vector<std::int64_t> dims = x.shape().dims();
  dims.erase(dims.begin() + at);
  return reshape(x, Shape(std::move(dims)));
}

Value broadcast_to(Value x, const Shape& shape) {
  return add("broadcast_to", {x}, {{"shape", shape.dims()}});
}

Value concatenate(std::vector<Value> values, int axis) {
  if (values.empty()) throw ValueError("concatenate: no values were given");
  const std::int64_t at = normalize_axis(axis, values[0].rank(), "concatenate");
  return add("concatenate", std::move(values), {{"axis", at}});
}

Value stack(std::vector<Value> values, int axis) {
  for (Value& value : values) value = expand_dims(value, axis);
  return concatenate(std::move(values), axis);
}

Value slice(Value x, int axis, std::int64_t begin, std::int64_t end, std::int64_t step) {
  const int at = normalize_axis(axis, x.rank(), "slice");
  const std::int64_t extent = x.dim(at);
  if (begin < 0) begin += extent;
  if (end < 0) end += extent;
  if (step < 1 || begin < 0 || end > extent || begin > end) {
    throw ShapeError(fmt::format("slice: [{}, {}) by {} of axis {} of {}", begin, end, step, axis,
                                 x.shape().str()));
  }
  return add("slice", {x},
             {{"axis", std::int64_t{at}}, {"begin", begin}, {"end", end}, {"step", step}});
}

Value select(Value x, int axis, std::int64_t index) {
  if (index < 0) index += x.dim(axis);
  return squeeze(slice(x, axis, index, index + 1), axis);
}

Value pad(Value x, std::vector<std::int64_t> before, std::vector<std::int64_t> after,
          double value) {
  return add("pad", {x},
             {{"before", std::move(before)}, {"after", std::move(after)}, {"value", value}});
}

Value crop(Value x, std::vector<std::int64_t> before, std::vector<std::int64_t> after) {
  return add("crop", {x}, {{"before", std::move(before)}, {"after", std::move(after)}});
}

Value reverse(Value x, std::vector<int> axes) {
  std::vector<std::int64_t> normal;
  for (int axis : axes) normal.push_back(normalize_axis(axis, x.rank(), "reverse"));
  return add("reverse", {x}, {{"axes", std::move(normal)}});
}

Value full(Graph& graph, const Shape& shape, double value, DType dtype) {
  const Value scalar = graph.constant(Tensor::full({}, value, dtype));
  return shape.rank() == 0 ? scalar : broadcast_to(scalar, shape);
}

Value zeros(Graph& graph, const Shape& shape, DType dtype) {
  return full(graph, shape, 0.0, dtype);
}
Value ones(Graph& graph, const Shape& shape, DType dtype) { return full(graph, shape, 1.0, dtype); }
Value zeros_like(Value x) { return zeros(x.graph(), x.shape(), x.dtype()); }
Value ones_like(Value x) { return ones(x.graph(), x.shape(), x.dtype()); }

Value arange(Graph& graph, std::int64_t count, DType dtype) {
  Tensor numbers(Shape{count}, dtype);
  dispatch(dtype, [&](auto zero) {
    using T = decltype(zero);
    for (std::int64_t i = 0; i < count; ++i)
      numbers.data<T>()[static_cast<std::size_t>(i)] = static_cast<T>(i);
  });
  return graph.constant(std::move(numbers));
}

}  // namespace sinew::ops
