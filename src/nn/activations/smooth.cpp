// Activations with a derivative everywhere. What float32 cannot hold on the way (squares, cubes,
// exponentials of large x) is kept out of the formulas, so that values and gradients stay finite
// wherever the function is.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "sinew/nn/activations.h"
#include "sinew/ops/ops.h"

namespace sinew::activations {

Value linear(Value x) { return x; }
Value exponential(Value x) { return ops::exp(x); }
Value sigmoid(Value x) { return ops::sigmoid(x); }
Value tanh(Value x) { return ops::tanh(x); }
Value tanh_shrink(Value x) { return x - ops::tanh(x); }

Value elu(Value x, double alpha) {
  // expm1 sees no positive number, so that the side not taken cannot overflow and spoil the
  // gradient.
  return ops::where(ops::greater(x, 0.0), x, alpha * ops::expm1(ops::minimum(x, 0.0)));
}

Value celu(Value x, double alpha) {
  return ops::where(ops::greater(x, 0.0), x, alpha * ops::expm1(ops::minimum(x, 0.0) / alpha));
}

Value selu(Value x) {
  constexpr double kScale = 1.0507009873554805;
  constexpr double kAlpha = 1.6732632423543772;
  return kScale * elu(x, kAlpha);
}

Value softplus(Value x) {
  // max(x, 0), with a derivative of 1/2 at 0.
  const Value size = ops::abs(x);
  return 0.5 * x + 0.5 * size + ops::log1p(ops::exp(-size));
}
Value log_sigmoid(Value x) { return -softplus(-x); }
Value softsign(Value x) { return x / (1.0 + ops::abs(x)); }
Value silu(Value x) { return x * ops::sigmoid(x); }
Value mish(Value x) { return x * ops::tanh(softplus(x)); }

Value gelu(Value x, bool approximate) {
  if (!approximate) return ops::gelu(x);
  // Beyond 20 the hyperbolic tangent is 1 to the last bit, and the cube could overflow.
  const Value near = ops::clip(x, -20.0, 20.0);
  const double root = std::sqrt(2.0 / std::numbers::pi);
  return 0.5 * x * (1.0 + ops::tanh(root * (near + 0.044715 * near * near * near)));
}

Value squareplus(Value x, double b) {
  // The root of x^2 + b with the larger of the two taken out. For negative x, x + root cancels;
  // b / (root - x) is the same without.
  const Value largest = ops::maximum(ops::abs(x), std::max(std::sqrt(b), 1e-30));
  const Value root = largest * ops::sqrt(ops::square(x / largest) + b / largest / largest);
  const Value positive = ops::greater(x, 0.0);
  // Not abs(), whose derivative at 0 is 0.
  const Value sum = root + ops::where(positive, x, -x);
  return 0.5 * ops::where(positive, sum, b / sum);
}

}  // namespace sinew::activations
