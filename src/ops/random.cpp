#include "sinew/ops/random.h"

#include <fmt/format.h>

#include <numbers>

#include "sinew/base/error.h"
#include "sinew/graph/op.h"
#include "sinew/ops/array.h"
#include "sinew/ops/elementwise.h"

namespace sinew::ops {
namespace {

const RegisterOp random_uniform_op({
    .name = "random_uniform",
    .infer = [](const Node& node, std::span<const TensorType> inputs) -> std::vector<TensorType> {
      for (const TensorType& input : inputs) {
        if (input.dtype != DType::Int64 || input.shape.rank() != 0) {
          throw DTypeError(fmt::format("{}: seed and step must be int64 scalars, not {}",
                                       node.where(), input.str()));
        }
      }
      return {{dtype_from_name(node.attributes.get<std::string>("dtype")),
               Shape(node.attributes.integers("shape"))}};
    },
    .gradient = [](const GradientRequest&) -> std::vector<Value> {
      return {{}, {}};
    },
});

}  // namespace

Value random_uniform(Value seed, Value step, std::int64_t stream, const Shape& shape, DType dtype) {
  return seed.graph().add(
      "random_uniform", std::vector<Value>{seed, step},
      {{"stream", stream}, {"shape", shape.dims()}, {"dtype", std::string(name_of(dtype))}})[0];
}

Value random_normal(Value seed, Value step, std::int64_t stream, const Shape& shape, DType dtype) {
  const Value drawn = random_uniform(seed, step, stream, shape.prepend(2), dtype);
  // 1 - u is in (0, 1], so that its logarithm is finite.
  const Value radius = sqrt(-2.0 * log(1.0 - select(drawn, 0, 0)));
  return radius * cos(2.0 * std::numbers::pi * select(drawn, 0, 1));
}

}  // namespace sinew::ops
