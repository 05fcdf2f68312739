#include "sinew/ops/ctc.h"

#include <fmt/format.h>

#include "sinew/base/error.h"
#include "sinew/graph/op.h"

namespace sinew::ops {
namespace {

void check(const Node& node, std::span<const TensorType> inputs) {
  const Shape& logits = inputs[0].shape;
  const Shape& labels = inputs[1].shape;
  if (!is_floating(inputs[0].dtype) || inputs[1].dtype != DType::Int64) {
    throw DTypeError(fmt::format("{}: takes floating logits and int64 labels, not {} and {}",
                                 node.where(), name_of(inputs[0].dtype), name_of(inputs[1].dtype)));
  }
  if (logits.rank() != 3 || labels.rank() != 2 || logits[0] != labels[0]) {
    throw ShapeError(
        fmt::format("{}: logits {} and labels {} are not (N, steps, classes) and (N, length)",
                    node.where(), logits.str(), labels.str()));
  }
}

/// Four sums of logarithms a label and step.
double flops(const Node&, std::span<const TensorType> inputs) {
  const Shape& logits = inputs[0].shape;
  return 5.0 * static_cast<double>(logits.numel()) +
         40.0 * static_cast<double>(logits[1] * inputs[1].shape.numel());
}

const RegisterOp ctc_op({
    .name = "ctc_loss",
    .infer = [](const Node& node, std::span<const TensorType> inputs) -> std::vector<TensorType> {
      check(node, inputs);
      return {{inputs[0].dtype, Shape{inputs[0].shape[0]}}};
    },
    .gradient = [](const GradientRequest& r) -> std::vector<Value> {
      return {r.graph.add("ctc_loss_backward",
                          std::vector<Value>{r.inputs[0], r.inputs[1], r.cotangents[0]})[0],
              {}};
    },
    .flops = flops,
});

const RegisterOp ctc_backward_op({
    .name = "ctc_loss_backward",
    .infer = [](const Node& node, std::span<const TensorType> inputs) -> std::vector<TensorType> {
      check(node, inputs);
      return {{inputs[0].dtype, inputs[0].shape}};
    },
    .flops = [](const Node& node,
                std::span<const TensorType> inputs) { return 2.0 * flops(node, inputs); },
});

}  // namespace

Value ctc_loss(Value logits, Value labels) {
  return logits.graph().add("ctc_loss", std::vector<Value>{logits, labels})[0];
}

}  // namespace sinew::ops
