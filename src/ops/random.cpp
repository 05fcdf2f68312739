#include "sinew/ops/random.h"

#include <fmt/format.h>

#include "sinew/base/error.h"
#include "sinew/graph/op.h"

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

}  // namespace sinew::ops
