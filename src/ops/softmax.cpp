#include "sinew/ops/softmax.h"

#include <fmt/format.h>

#include "sinew/base/error.h"
#include "sinew/graph/op.h"
#include "sinew/ops/array.h"
#include "sinew/ops/elementwise.h"
#include "sinew/ops/reduce.h"

namespace sinew::ops {
namespace {

std::vector<TensorType> infer_rows(const Node& node, std::span<const TensorType> inputs) {
  if (!is_floating(inputs[0].dtype)) {
    throw DTypeError(
        fmt::format("{}: needs a floating input, not {}", node.where(), name_of(inputs[0].dtype)));
  }
  if (inputs[0].shape.rank() < 1)
    throw ShapeError(fmt::format("{}: the input is a scalar", node.where()));
  return {{inputs[0].dtype, inputs[0].shape}};
}

void check_labels(const Node& node, std::span<const TensorType> inputs) {
  const DType labels = inputs[1].dtype;
  if (labels != DType::Int32 && labels != DType::Int64 && labels != DType::UInt8) {
    throw DTypeError(
        fmt::format("{}: labels must be integers, not {}", node.where(), name_of(labels)));
  }
  const Shape& logits = inputs[0].shape;
  if (logits.rank() < 1 || inputs[1].shape.prepend(0).dims().size() != logits.dims().size() ||
      !std::equal(inputs[1].shape.begin(), inputs[1].shape.end(), logits.begin())) {
    throw ShapeError(fmt::format(
        "{}: labels of shape {} do not fit logits of shape {}; labels need one class number "
        "for each row",
        node.where(), inputs[1].shape.str(), logits.str()));
  }
}

double exponential_flops(const Node&, std::span<const TensorType> inputs) {
  return 5.0 * static_cast<double>(inputs[0].shape.numel());
}

const RegisterOp softmax_op({
    .name = "softmax",
    .infer = infer_rows,
    .gradient = [](const GradientRequest& r) -> std::vector<Value> {
      const Value y = r.outputs[0];
      const Value weighted = r.cotangents[0] * y;
      return {weighted - y * sum(weighted, {-1}, true)};
    },
    .flops = exponential_flops,
});

const RegisterOp log_softmax_op({
    .name = "log_softmax",
    .infer = infer_rows,
    .gradient = [](const GradientRequest& r) -> std::vector<Value> {
      const Value dy = r.cotangents[0];
      return {dy - exp(r.outputs[0]) * sum(dy, {-1}, true)};
    },
    .flops = exponential_flops,
});

const RegisterOp sparsemax_op({
    .name = "sparsemax",
    .infer = infer_rows,
    // Where y is 0 nothing moves it; the others share what their sum must stay at.
    .gradient = [](const GradientRequest& r) -> std::vector<Value> {
      const Value y = r.outputs[0];
      const Value support = cast(greater(y, 0.0), y.dtype());
      const Value dy = r.cotangents[0] * support;
      return {dy - support * (sum(dy, {-1}, true) / sum(support, {-1}, true))};
    },
    .flops = exponential_flops,
});

const RegisterOp cross_entropy_op({
    .name = "sparse_softmax_cross_entropy",
    .infer = [](const Node& node, std::span<const TensorType> inputs) -> std::vector<TensorType> {
      infer_rows(node, inputs);
      check_labels(node, inputs);
      return {{inputs[0].dtype, inputs[1].shape}};
    },
    .gradient = [](const GradientRequest& r) -> std::vector<Value> {
      return {r.graph.add("sparse_softmax_cross_entropy_backward",
                          std::vector<Value>{r.inputs[0], r.inputs[1], r.cotangents[0]})[0],
              {}};
    },
    .flops = exponential_flops,
});

// (logits, labels, dy) -> (softmax(logits) - one_hot(labels)) * dy.
const RegisterOp cross_entropy_backward_op({
    .name = "sparse_softmax_cross_entropy_backward",
    .infer = [](const Node& node, std::span<const TensorType> inputs) -> std::vector<TensorType> {
      check_labels(node, inputs);
      return {{inputs[0].dtype, inputs[0].shape}};
    },
    .decompose = [](std::span<const Value> inputs, const Attributes&) -> std::vector<Value> {
      const Value logits = inputs[0];
      const Value hit = one_hot(inputs[1], logits.dim(-1), logits.dtype());
      return {(softmax(logits) - hit) * expand_dims(inputs[2], -1)};
    },
    .flops = exponential_flops,
});

/// Applies a function of rows along any axis.
Value along(const char* op, Value x, int axis) {
  const int at = normalize_axis(axis, x.rank(), op);
  if (at == x.rank() - 1) return x.graph().add(op, std::vector<Value>{x})[0];
  std::vector<int> swap(static_cast<std::size_t>(x.rank()));
  for (int i = 0; i < x.rank(); ++i) swap[static_cast<std::size_t>(i)] = i;
  std::swap(swap[static_cast<std::size_t>(at)], swap.back());
  return transpose(along(op, transpose(x, swap), -1), swap);
}

}  // namespace

Value softmax(Value x, int axis) { return along("softmax", x, axis); }
Value log_softmax(Value x, int axis) { return along("log_softmax", x, axis); }
Value sparsemax(Value x, int axis) { return along("sparsemax", x, axis); }

Value logsumexp(Value x, int axis) {
  const Value largest = stop_gradient(max(x, {axis}, true));
  return log(sum(exp(x - largest), {axis})) + squeeze(largest, axis);
}

Value sparse_softmax_cross_entropy(Value logits, Value labels) {
  return logits.graph().add("sparse_softmax_cross_entropy", std::vector<Value>{logits, labels})[0];
}

}  // namespace sinew::ops
