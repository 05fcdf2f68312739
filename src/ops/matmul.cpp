#include "sinew/ops/matmul.h"

#include <fmt/format.h>

#include "ops/epilogue.h"
#include "ops/product.h"
#include "sinew/base/error.h"
#include "sinew/graph/op.h"
#include "sinew/ops/array.h"
#include "sinew/ops/reduce.h"

namespace sinew::ops {
namespace {

Value product(Value a, Value b, bool transpose_a, bool transpose_b) {
  return matmul(a, b, {.transpose_a = transpose_a, .transpose_b = transpose_b});
}

/// Rows and columns of an operand after its transposition.
std::pair<std::int64_t, std::int64_t> matrix(const Shape& shape, bool transpose) {
  return transpose ? std::pair{shape[-1], shape[-2]} : std::pair{shape[-2], shape[-1]};
}

Shape leading(const Shape& shape) {
  return Shape(std::vector<std::int64_t>(shape.begin(), shape.end() - 2));
}

std::vector<TensorType> infer(const Node& node, std::span<const TensorType> inputs) {
  const Shape& a = inputs[0].shape;
  const Shape& b = inputs[1].shape;
  const bool transpose_a = node.attributes.flag("transpose_a");
  const bool transpose_b = node.attributes.flag("transpose_b");
  if (a.rank() < 2 || b.rank() < 2) {
    throw ShapeError(fmt::format("{}: operands must have rank 2 or more, not {} and {}",
                                 node.where(), a.str(), b.str()));
  }
  if (!multiplies(inputs[0].dtype, inputs[1].dtype)) {
    throw DTypeError(fmt::format("{}: needs two floating operands of one dtype, not {} and {}",
                                 node.where(), name_of(inputs[0].dtype), name_of(inputs[1].dtype)));
  }
  const auto [rows, inner_a] = matrix(a, transpose_a);
  const auto [inner_b, columns] = matrix(b, transpose_b);
  if (inner_a != inner_b) {
    throw ShapeError(fmt::format("{}: {}{} x {}{}: the inner extents {} and {} differ",
                                 node.where(), a.str(), transpose_a ? " transposed" : "", b.str(),
                                 transpose_b ? " transposed" : "", inner_a, inner_b));
  }
  std::vector<std::int64_t> dims = broadcast_shapes(leading(a), leading(b)).dims();
  dims.push_back(rows);
  dims.push_back(columns);
  return {{product_type(node, inputs[0].dtype), Shape(std::move(dims))}};
}

const RegisterOp matmul_op({
    .name = "matmul",
    .infer = infer,
    // With y = op(A) op(B): dA = dy op(B)^T and dB = op(A)^T dy, transposed back where op
    // transposes; leading axes that were broadcast are summed.
    .gradient = [](const GradientRequest& r) -> std::vector<Value> {
      const Value a = r.inputs[0];
      const Value b = r.inputs[1];
      const Value dy = r.cotangents[0];
      const bool ta = r.attributes().flag("transpose_a");
      const bool tb = r.attributes().flag("transpose_b");
      const Value da = ta ? product(b, dy, tb, true) : product(dy, b, false, !tb);
      const Value db = tb ? product(dy, a, true, ta) : product(a, dy, !ta, false);
      return {sum_to(da, a.shape()), sum_to(db, b.shape())};
    },
    .flops =
        [](const Node& node, std::span<const TensorType> inputs) {
          const std::int64_t inner =
              matrix(inputs[0].shape, node.attributes.flag("transpose_a")).second;
          return 2.0 * static_cast<double>(node.outputs[0].shape.numel()) *
                     static_cast<double>(inner) +
                 epilogue_flops(node);
        },
});

}  // namespace

Value matmul(Value a, Value b, MatmulOptions options) {
  // One weight matrix for a whole batch of sequences is one product with more rows, forward and
  // backward.
  if (a.rank() > 2 && b.rank() == 2 && !options.transpose_a) {
    const std::int64_t inner = a.dim(-1);
    const Value flat = reshape(a, Shape{inner == 0 ? 0 : a.shape().numel() / inner, inner});
    const Value y = matmul(flat, b, options);
    return reshape(y, a.shape().with(-1, y.dim(-1)));
  }
  return a.graph().add(
      "matmul", std::vector<Value>{a, b},
      {{"transpose_a", options.transpose_a}, {"transpose_b", options.transpose_b}})[0];
}

}  // namespace sinew::ops
