#include "nn/clipping.h"

#include "sinew/ops/ops.h"

namespace sinew {
namespace {

/// 1 where the norm is at most `limit`, else what brings it there.
Value shrinkage(Value sum_of_squares, double limit) {
  return limit / ops::maximum(ops::sqrt(sum_of_squares), limit);
}

}  // namespace

std::vector<Value> clip_by_value(const std::vector<Value>& gradients, double limit) {
  std::vector<Value> clipped;
  for (const Value& gradient : gradients) clipped.push_back(ops::clip(gradient, -limit, limit));
  return clipped;
}

std::vector<Value> clip_by_norm(const std::vector<Value>& gradients, double limit) {
  std::vector<Value> clipped;
  for (const Value& gradient : gradients) {
    clipped.push_back(gradient * shrinkage(ops::sum(ops::square(gradient)), limit));
  }
  return clipped;
}

std::vector<Value> clip_by_global_norm(const std::vector<Value>& gradients, double limit) {
  if (gradients.empty()) return {};
  Value total;
  for (const Value& gradient : gradients) {
    Value squares = ops::sum(ops::square(gradient));
    // Weights may differ in dtype; the first one's carries the sum.
    if (total && squares.dtype() != total.dtype()) squares = ops::cast(squares, total.dtype());
    total = total ? total + squares : squares;
  }
  const Value factor = shrinkage(total, limit);
  std::vector<Value> clipped;
  for (const Value& gradient : gradients) {
    clipped.push_back(gradient * (factor.dtype() == gradient.dtype()
                                      ? factor
                                      : ops::cast(factor, gradient.dtype())));
  }
  return clipped;
}

}  // namespace sinew
