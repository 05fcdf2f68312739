#include <fmt/format.h>

#include <algorithm>

#include "sinew/base/error.h"
#include "sinew/graph/op.h"
#include "sinew/ops/array.h"
#include "sinew/ops/elementwise.h"

namespace sinew::ops {
namespace {

using Types = std::vector<TensorType>;
using Inputs = std::span<const TensorType>;
using Values = std::vector<Value>;

double bytes_of(const TensorType& type) {
  return static_cast<double>(type.shape.numel()) * static_cast<double>(size_of(type.dtype));
}

void check_indices(const Node& node, const TensorType& indices) {
  if (indices.dtype != DType::Int32 && indices.dtype != DType::Int64 &&
      indices.dtype != DType::UInt8) {
    throw DTypeError(
        fmt::format("{}: indices must be integers, not {}", node.where(), name_of(indices.dtype)));
  }
}

const RegisterOp gather_op({
    .name = "gather",
    .infer = [](const Node& node, Inputs inputs) -> Types {
      check_indices(node, inputs[1]);
      if (inputs[0].shape.rank() < 1)
        throw ShapeError(fmt::format("{}: the table is a scalar", node.where()));
      std::vector<std::int64_t> dims = inputs[1].shape.dims();
      dims.insert(dims.end(), inputs[0].shape.begin() + 1, inputs[0].shape.end());
      return {{inputs[0].dtype, Shape(std::move(dims))}};
    },
    .gradient = [](const GradientRequest& r) -> Values {
      return {scatter_add(r.inputs[1], r.cotangents[0], r.inputs[0].dim(0)), {}};
    },
    // Of the table, the rows asked for.
    .bytes = [](const Node& node,
                Inputs inputs) { return bytes_of(inputs[1]) + 2.0 * bytes_of(node.outputs[0]); },
});

const RegisterOp scatter_add_op({
    .name = "scatter_add",
    .infer = [](const Node& node, Inputs inputs) -> Types {
      check_indices(node, inputs[0]);
      const int rank = inputs[0].shape.rank();
      const bool fits =
          inputs[1].shape.rank() >= rank &&
          std::equal(inputs[0].shape.begin(), inputs[0].shape.end(), inputs[1].shape.begin());
      if (!fits) {
        throw ShapeError(fmt::format("{}: updates {} do not begin with the indices' shape {}",
                                     node.where(), inputs[1].shape.str(), inputs[0].shape.str()));
      }
      std::vector<std::int64_t> dims{node.attributes.integer("rows")};
      dims.insert(dims.end(), inputs[1].shape.begin() + rank, inputs[1].shape.end());
      return {{inputs[1].dtype, Shape(std::move(dims))}};
    },
    .gradient = [](const GradientRequest& r) -> Values {
      return {{}, gather(r.cotangents[0], r.inputs[0])};
    },
    .flops = [](const Node&,
                Inputs inputs) { return static_cast<double>(inputs[1].shape.numel()); },
});

}  // namespace

Value gather(Value table, Value indices) {
  const std::vector<Value> inputs{table, indices};
  return table.graph().add("gather", inputs, {})[0];
}

Value scatter_add(Value indices, Value updates, std::int64_t rows) {
  const std::vector<Value> inputs{indices, updates};
  return updates.graph().add("scatter_add", inputs, {{"rows", rows}})[0];
}

Value one_hot(Value indices, std::int64_t depth, DType dtype) {
  const Value classes = arange(indices.graph(), depth, indices.dtype());
  return cast(equal(expand_dims(indices, -1), classes), dtype);
}

}  // namespace sinew::ops
