// Convolution and max-pooling in one: what the compiler's fuse pass makes of neighbours, so there
// is no builder and no gradient rule. Attributes are the convolution's, the convolution's result
// `y_shape`, and pool_size, pool_strides and pool_padding.

#include "sinew/graph/op.h"

namespace sinew::ops {
namespace {

double conv_flops(const Node& node, const Shape& w) {
  const Shape y(node.attributes.integers("y_shape"));
  return 2.0 * static_cast<double>(y.numel()) * static_cast<double>(w[0] * w[1] * w[2]);
}

std::vector<TensorType> infer(const Node& node, std::span<const TensorType>) {
  return node.outputs;
}

// (x, w[, bias]) -> largest element of each window, its number in the window.
const RegisterOp conv_max_pool_op({
    .name = "conv_max_pool",
    .infer = infer,
    .flops =
        [](const Node& node, std::span<const TensorType> inputs) {
          const auto& size = node.attributes.integers("pool_size");
          const std::size_t epilogue =
              inputs.size() - 2 + (node.attributes.has("activation") ? 1 : 0);
          return conv_flops(node, inputs[1].shape) +
                 static_cast<double>(epilogue) *
                     static_cast<double>(Shape(node.attributes.integers("y_shape")).numel()) +
                 static_cast<double>(node.outputs[0].shape.numel() * size[0] * size[1]);
        },
});

// (x, number, gradient of the largest elements) -> gradients of w[, bias].
const RegisterOp conv_max_pool_backward_filter_op({
    .name = "conv_max_pool_backward_filter",
    .infer = infer,
    .flops = [](const Node& node,
                std::span<const TensorType>) { return conv_flops(node, node.outputs[0].shape); },
});

}  // namespace
}  // namespace sinew::ops
