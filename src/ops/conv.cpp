#include "sinew/ops/conv.h"

#include <fmt/format.h>

#include <algorithm>

#include "ops/epilogue.h"
#include "ops/product.h"
#include "ops/window.h"
#include "sinew/base/error.h"
#include "sinew/graph/op.h"

namespace sinew::ops {
namespace {

Attributes to_attributes(const Conv2DOptions& options) {
  return {{"strides", std::vector<std::int64_t>(options.strides.begin(), options.strides.end())},
          {"padding", std::vector<std::int64_t>(options.padding.begin(), options.padding.end())},
          {"dilation", std::vector<std::int64_t>(options.dilation.begin(), options.dilation.end())},
          {"groups", options.groups}};
}

Conv2DOptions options_of(const Attributes& attributes) {
  Conv2DOptions options;
  std::copy_n(attributes.integers("strides").begin(), 2, options.strides.begin());
  std::copy_n(attributes.integers("padding").begin(), 4, options.padding.begin());
  std::copy_n(attributes.integers("dilation").begin(), 2, options.dilation.begin());
  options.groups = attributes.integer("groups");
  return options;
}

/// Output shape of the convolution of x with w; the three ops share the check.
Shape output_shape(const Node& node, const Shape& x, const Shape& w) {
  const Conv2DOptions options = options_of(node.attributes);
  const auto fail = [&](const std::string& what) {
    throw ShapeError(
        fmt::format("{}: input {} and kernel {}: {}", node.where(), x.str(), w.str(), what));
  };
  if (x.rank() != 4 || w.rank() != 4)
    fail("both must have rank 4, (N, H, W, C) and (KH, KW, C / groups, O)");
  if (options.groups < 1) fail(fmt::format("groups is {}", options.groups));
  if (x[3] != w[2] * options.groups) {
    fail(fmt::format("the input has {} channels, but the kernel takes {} in {} groups", x[3],
                     w[2] * options.groups, options.groups));
  }
  if (w[3] % options.groups != 0)
    fail(fmt::format("{} filters cannot be split into {} groups", w[3], options.groups));
  const auto extent = [&](int axis) {
    const auto i = static_cast<std::size_t>(axis);
    return window_count(x[axis + 1] + options.padding[2 * i] + options.padding[2 * i + 1], w[axis],
                        options.strides[i], options.dilation[i]);
  };
  const std::int64_t rows = extent(0);
  const std::int64_t columns = extent(1);
  if (rows < 1 || columns < 1) fail("the kernel is larger than the padded input");
  return {x[0], rows, columns, w[3]};
}

void check_dtypes(const Node& node, const TensorType& data, const TensorType& weights,
                  std::span<const TensorType> inputs) {
  if (!multiplies(data.dtype, weights.dtype)) {
    throw DTypeError(fmt::format("{}: needs two floating inputs of one dtype, not {} and {}",
                                 node.where(), name_of(inputs[0].dtype), name_of(inputs[1].dtype)));
  }
}

double flops_of(const Shape& y, const Shape& w) {
  return 2.0 * static_cast<double>(y.numel()) * static_cast<double>(w[0] * w[1] * w[2]);
}

Value add_backward_input(Value w, Value dy, const Shape& x_shape, Attributes attributes) {
  attributes.set("x_shape", x_shape.dims());
  return w.graph().add("conv2d_backward_input", std::vector<Value>{w, dy},
                       std::move(attributes))[0];
}

Value add_backward_filter(Value x, Value dy, const Shape& w_shape, Attributes attributes) {
  attributes.set("w_shape", w_shape.dims());
  return x.graph().add("conv2d_backward_filter", std::vector<Value>{x, dy},
                       std::move(attributes))[0];
}

Value add_conv(Value x, Value w, Attributes attributes) {
  attributes.erase("x_shape");
  attributes.erase("w_shape");
  return x.graph().add("conv2d", std::vector<Value>{x, w}, std::move(attributes))[0];
}

Attributes without_shapes(Attributes attributes) {
  attributes.erase("x_shape");
  attributes.erase("w_shape");
  return attributes;
}

// The three are linear in each operand, so each one's gradients are the other two.
const RegisterOp conv2d_op({
    .name = "conv2d",
    .infer = [](const Node& node, std::span<const TensorType> inputs) -> std::vector<TensorType> {
      check_dtypes(node, inputs[0], inputs[1], inputs);
      return {{product_type(node, inputs[0].dtype),
               output_shape(node, inputs[0].shape, inputs[1].shape)}};
    },
    .gradient = [](const GradientRequest& r) -> std::vector<Value> {
      const Value dy = r.cotangents[0];
      return {add_backward_input(r.inputs[1], dy, r.inputs[0].shape(), r.attributes()),
              add_backward_filter(r.inputs[0], dy, r.inputs[1].shape(), r.attributes())};
    },
    .flops =
        [](const Node& node, std::span<const TensorType> inputs) {
          return flops_of(node.outputs[0].shape, inputs[1].shape) + epilogue_flops(node);
        },
});

const RegisterOp conv2d_backward_input_op({
    .name = "conv2d_backward_input",
    .infer = [](const Node& node, std::span<const TensorType> inputs) -> std::vector<TensorType> {
      check_dtypes(node, inputs[1], inputs[0], inputs);
      const Shape x(node.attributes.integers("x_shape"));
      const Shape y = output_shape(node, x, inputs[0].shape);
      if (y != inputs[1].shape) {
        throw ShapeError(fmt::format("{}: the output's gradient has shape {}, but the output {}",
                                     node.where(), inputs[1].shape.str(), y.str()));
      }
      return {{inputs[1].dtype, x}};
    },
    .gradient = [](const GradientRequest& r) -> std::vector<Value> {
      const Value ddx = r.cotangents[0];
      const Attributes attributes = without_shapes(r.attributes());
      return {add_backward_filter(ddx, r.inputs[1], r.inputs[0].shape(), attributes),
              add_conv(ddx, r.inputs[0], attributes)};
    },
    .flops =
        [](const Node&, std::span<const TensorType> inputs) {
          return flops_of(inputs[1].shape, inputs[0].shape);
        },
});

const RegisterOp conv2d_backward_filter_op({
    .name = "conv2d_backward_filter",
    .infer = [](const Node& node, std::span<const TensorType> inputs) -> std::vector<TensorType> {
      check_dtypes(node, inputs[0], inputs[1], inputs);
      const Shape w(node.attributes.integers("w_shape"));
      const Shape y = output_shape(node, inputs[0].shape, w);
      if (y != inputs[1].shape) {
        throw ShapeError(fmt::format("{}: the output's gradient has shape {}, but the output {}",
                                     node.where(), inputs[1].shape.str(), y.str()));
      }
      std::vector<TensorType> outputs{{product_type(node, inputs[0].dtype), w}};
      // The compiler's fuse pass asks for the bias gradient in the same pass over dy.
      if (node.attributes.flag("bias")) {
        const bool narrow = inputs[0].dtype == DType::BFloat16;
        outputs.push_back({narrow ? DType::Float32 : inputs[0].dtype, Shape{w[3]}});
      }
      return outputs;
    },
    .gradient = [](const GradientRequest& r) -> std::vector<Value> {
      const Value ddw = r.cotangents[0];
      const Attributes attributes = without_shapes(r.attributes());
      return {add_backward_input(ddw, r.inputs[1], r.inputs[0].shape(), attributes),
              add_conv(r.inputs[0], ddw, attributes)};
    },
    .flops =
        [](const Node& node, std::span<const TensorType> inputs) {
          const double bias =
              node.outputs.size() > 1 ? static_cast<double>(inputs[1].shape.numel()) : 0;
          return flops_of(inputs[1].shape, node.outputs[0].shape) + bias;
        },
});

}  // namespace

std::array<std::int64_t, 2> same_padding(std::int64_t input, std::int64_t kernel,
                                         std::int64_t stride, std::int64_t dilation) {
  const std::int64_t output = (input + stride - 1) / stride;
  const std::int64_t total =
      std::max<std::int64_t>(0, (output - 1) * stride + (kernel - 1) * dilation + 1 - input);
  return {total / 2, total - total / 2};
}

Value conv2d(Value x, Value w, Conv2DOptions options) {
  return add_conv(x, w, to_attributes(options));
}

Value conv2d_backward_input(Value w, Value dy, const Shape& x_shape, Conv2DOptions options) {
  return add_backward_input(w, dy, x_shape, to_attributes(options));
}

Value conv2d_backward_filter(Value x, Value dy, const Shape& w_shape, Conv2DOptions options) {
  return add_backward_filter(x, dy, w_shape, to_attributes(options));
}

}  // namespace sinew::ops
