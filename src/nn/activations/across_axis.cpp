// Activations whose elements depend on each other along an axis.
#include <fmt/format.h>

#include "sinew/base/error.h"
#include "sinew/nn/activations.h"
#include "sinew/ops/ops.h"

namespace sinew::activations {

Value softmax(Value x, int axis) { return ops::softmax(x, axis); }
Value log_softmax(Value x, int axis) { return ops::log_softmax(x, axis); }
Value sparsemax(Value x, int axis) { return ops::sparsemax(x, axis); }

Value glu(Value x, int axis) {
  const std::int64_t extent = x.dim(axis);
  if (extent % 2 != 0) {
    throw ShapeError(fmt::format(
        "activation glu: axis {} of shape {} has {} elements, which makes no two halves", axis,
        x.shape().str(), extent));
  }
  return ops::slice(x, axis, 0, extent / 2) * ops::sigmoid(ops::slice(x, axis, extent / 2, extent));
}

}  // namespace sinew::activations
