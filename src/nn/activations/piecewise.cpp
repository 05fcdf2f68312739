// Activations made of pieces, most of them straight.
#include "sinew/nn/activations.h"
#include "sinew/ops/ops.h"

namespace sinew::activations {
namespace {

Value less(Value x, double bound) { return ops::less(x, ops::scalar_like(x, bound)); }
Value zero(Value x) { return ops::scalar_like(x, 0.0); }

}  // namespace

Value relu(Value x) { return ops::relu(x); }
Value relu6(Value x) { return ops::clip(x, 0.0, 6.0); }

Value relu(Value x, const ReluOptions& options) {
  const double threshold = options.threshold;
  Value y = threshold == 0.0 ? ops::relu(x) : ops::where(ops::greater(x, threshold), x, zero(x));
  if (options.max_value) y = ops::clip(y, 0.0, *options.max_value);
  if (options.negative_slope == 0.0) return y;
  return y - options.negative_slope * ops::relu(threshold - x);
}

Value leaky_relu(Value x, double negative_slope) {
  return ops::where(ops::greater(x, 0.0), x, negative_slope * x);
}

Value hard_tanh(Value x) { return ops::clip(x, -1.0, 1.0); }
Value hard_sigmoid(Value x) { return ops::clip(x / 6.0 + 0.5, 0.0, 1.0); }
Value hard_silu(Value x) { return x * hard_sigmoid(x); }

Value hard_shrink(Value x, double threshold) {
  return ops::where(ops::greater(ops::abs(x), threshold), x, zero(x));
}

Value soft_shrink(Value x, double threshold) {
  return ops::where(ops::greater(x, threshold), x - threshold,
                    ops::where(less(x, -threshold), x + threshold, zero(x)));
}

Value threshold(Value x, double threshold, double default_value) {
  return ops::where(ops::greater(x, threshold), x, ops::scalar_like(x, default_value));
}

Value sparse_plus(Value x) {
  const Value near = ops::clip(x, -1.0, 1.0);
  return ops::where(less(x, 1.0), 0.25 * ops::square(near + 1.0), x);
}

Value sparse_sigmoid(Value x) { return 0.5 * ops::clip(x + 1.0, 0.0, 2.0); }

}  // namespace sinew::activations
