#include "sinew/ops/conv.h"

#include <fmt/format.h>

#include <algorithm>

#include "ops/epilogue.h"
#include "ops/product.h"
#include "ops/window.h"
#include "sinew/base/error.h"
#include "sinew/graph/op.h"
#include "sinew/ops/array.h"

namespace sinew::ops {
namespace {

/// With an entry for each of the axes between batch and channels.
Attributes to_attributes(ConvOptions options, int rank) {
  const auto spatial = static_cast<std::size_t>(std::max(rank - 2, 0));
  if (options.strides.empty()) options.strides.assign(spatial, 1);
  if (options.padding.empty()) options.padding.assign(2 * spatial, 0);
  if (options.dilation.empty()) options.dilation.assign(spatial, 1);
  return {{"strides", std::move(options.strides)},
          {"padding", std::move(options.padding)},
          {"dilation", std::move(options.dilation)},
          {"groups", options.groups}};
}

/// Output shape of the convolution of x with w; the three ops share the check.
Shape output_shape(const Node& node, const Shape& x, const Shape& w) {
  const auto& strides = node.attributes.integers("strides");
  const auto& padding = node.attributes.integers("padding");
  const auto& dilation = node.attributes.integers("dilation");
  const std::int64_t groups = node.attributes.integer("groups");
  const auto fail = [&](const std::string& what) {
    throw ShapeError(
        fmt::format("{}: input {} and kernel {}: {}", node.where(), x.str(), w.str(), what));
  };
  if (x.rank() != w.rank() || x.rank() < 4 || x.rank() > 5) {
    fail(
        "both must have rank 4, (N, H, W, C) and (KH, KW, C / groups, O), or one axis less or "
        "more");
  }
  const auto spatial = static_cast<std::size_t>(x.rank() - 2);
  if (strides.size() != spatial || dilation.size() != spatial || padding.size() != 2 * spatial)
    fail(fmt::format("needs strides, dilation and padding of {} axes", spatial));
  if (groups < 1) fail(fmt::format("groups is {}", groups));
  if (x[-1] != w[-2] * groups) {
    fail(fmt::format("the input has {} channels, but the kernel takes {} in {} groups", x[-1],
                     w[-2] * groups, groups));
  }
  if (w[-1] % groups != 0)
    fail(fmt::format("{} filters cannot be split into {} groups", w[-1], groups));
  Shape y = x.with(-1, w[-1]);
  for (std::size_t i = 0; i < spatial; ++i) {
    const int axis = static_cast<int>(i);
    const std::int64_t count = window_count(x[axis + 1] + padding[2 * i] + padding[2 * i + 1],
                                            w[axis], strides[i], dilation[i]);
    if (count < 1) fail("the kernel is larger than the padded input");
    y = y.with(axis + 1, count);
  }
  return y;
}

void check_dtypes(const Node& node, const TensorType& data, const TensorType& weights,
                  std::span<const TensorType> inputs) {
  if (!multiplies(data.dtype, weights.dtype)) {
    throw DTypeError(fmt::format("{}: needs two floating inputs of one dtype, not {} and {}",
                                 node.where(), name_of(inputs[0].dtype), name_of(inputs[1].dtype)));
  }
}

double flops_of(const Shape& y, const Shape& w) {
  return 2.0 * static_cast<double>(y.numel()) * static_cast<double>(w.numel() / w[-1]);
}

Value add_backward_input(Value w, Value dy, const Shape& x_shape, Attributes attributes) {
  attributes.set("x_shape", x_shape.dims());
  return w.graph().add("conv_backward_input", std::vector<Value>{w, dy}, std::move(attributes))[0];
}

Value add_backward_filter(Value x, Value dy, const Shape& w_shape, Attributes attributes) {
  attributes.set("w_shape", w_shape.dims());
  return x.graph().add("conv_backward_filter", std::vector<Value>{x, dy}, std::move(attributes))[0];
}

Value add_conv(Value x, Value w, Attributes attributes) {
  attributes.erase("x_shape");
  attributes.erase("w_shape");
  return x.graph().add("conv", std::vector<Value>{x, w}, std::move(attributes))[0];
}

Attributes without_shapes(Attributes attributes) {
  attributes.erase("x_shape");
  attributes.erase("w_shape");
  return attributes;
}

// The three are linear in each operand, so each one's gradients are the other two.
const RegisterOp conv_op({
    .name = "conv",
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

const RegisterOp conv_backward_input_op({
    .name = "conv_backward_input",
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

const RegisterOp conv_backward_filter_op({
    .name = "conv_backward_filter",
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
        outputs.push_back({narrow ? DType::Float32 : inputs[0].dtype, Shape{w[-1]}});
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

namespace {

/// A sequence (or its kernel) as an image of one row.
Shape as_image(const Shape& sequence, bool kernel) {
  if (kernel) return sequence.prepend(1);
  return {sequence[0], 1, sequence[1], sequence[2]};
}
Value as_image(Value sequence, bool kernel) {
  return reshape(sequence, as_image(sequence.shape(), kernel));
}
ConvOptions as_image(ConvOptions options) {
  if (!options.strides.empty()) options.strides.insert(options.strides.begin(), 1);
  if (!options.padding.empty()) options.padding.insert(options.padding.begin(), 2, 0);
  if (!options.dilation.empty()) options.dilation.insert(options.dilation.begin(), 1);
  return options;
}
Value as_sequence(Value image) {
  return reshape(image, {image.dim(0), image.dim(2), image.dim(3)});
}

}  // namespace

Value conv(Value x, Value w, ConvOptions options) {
  if (x.rank() == 3 && w.rank() == 3)
    return as_sequence(conv(as_image(x, false), as_image(w, true), as_image(options)));
  return add_conv(x, w, to_attributes(options, x.rank()));
}

Value conv_backward_input(Value w, Value dy, const Shape& x_shape, ConvOptions options) {
  if (w.rank() == 3 && dy.rank() == 3 && x_shape.rank() == 3) {
    return as_sequence(conv_backward_input(as_image(w, true), as_image(dy, false),
                                           as_image(x_shape, false), as_image(options)));
  }
  return add_backward_input(w, dy, x_shape, to_attributes(options, dy.rank()));
}

Value conv_backward_filter(Value x, Value dy, const Shape& w_shape, ConvOptions options) {
  if (x.rank() == 3 && dy.rank() == 3 && w_shape.rank() == 3) {
    const Value dw = conv_backward_filter(as_image(x, false), as_image(dy, false),
                                          as_image(w_shape, true), as_image(options));
    return reshape(dw, w_shape);
  }
  return add_backward_filter(x, dy, w_shape, to_attributes(options, x.rank()));
}

}  // namespace sinew::ops
