#include "nn/formulas.h"

#include "sinew/ops/ops.h"

namespace sinew {

Value normalize(Value x, int axis) {
  const Value squares = ops::sum(ops::square(x), {axis}, true);
  return x * ops::rsqrt(ops::maximum(squares, kEpsilon * kEpsilon));
}

Value smooth_flags(Value y, double smoothing) {
  return smoothing == 0.0 ? y : y * (1.0 - smoothing) + 0.5 * smoothing;
}

Value smooth_classes(Value y, double smoothing) {
  if (smoothing == 0.0) return y;
  return y * (1.0 - smoothing) + smoothing / static_cast<double>(y.dim(-1));
}

}  // namespace sinew
