#include "sinew/nn/losses/embedding.h"

#include <fmt/format.h>

#include "nn/losses/registry.h"
#include "sinew/nn/activations.h"
#include "sinew/ops/ops.h"

namespace sinew::losses {
namespace {

/// Samples of one class, and of different classes: Bool (N, N).
struct Pairs {
  Value same;
  Value other;
};

Pairs pairs_of(Value labels, bool remove_diagonal) {
  const Value same = ops::equal(ops::expand_dims(labels, 1), ops::expand_dims(labels, 0));
  if (!remove_diagonal) return {same, ops::logical_not(same)};
  const Value number = ops::arange(labels.graph(), labels.dim(0));
  const Value itself = ops::equal(ops::expand_dims(number, 1), ops::expand_dims(number, 0));
  return {ops::logical_and(same, ops::logical_not(itself)), ops::logical_not(same)};
}

LossValues circle(Value y_true, Value y_pred, const CircleOptions& options) {
  if (y_true.rank() == 2 && y_true.dim(-1) == 1) y_true = ops::squeeze(y_true, -1);
  if (y_pred.rank() != 2 || y_true.rank() != 1 || y_true.dim(0) != y_pred.dim(0)) {
    throw ShapeError(fmt::format(
        "circle: y_true has shape {} and y_pred has shape {}: class numbers (N,) and embeddings "
        "(N, d) are wanted",
        y_true.shape().str(), y_pred.shape().str()));
  }
  const Pairs pairs = pairs_of(ops::cast(y_true, DType::Int64), options.remove_diagonal);
  const Value distance = ops::relu(1.0 - ops::matmul(y_pred, y_pred, {.transpose_b = true}));
  // Equations 5 and 8 of the paper, with cosine distances for similarities.
  const Value pull =
      options.gamma * ops::relu(distance + options.margin) * (distance - options.margin);
  const Value push = options.gamma * ops::relu(1.0 + options.margin - distance) *
                     (1.0 - options.margin - distance);
  // Far below every logarithm of a sum, so that a sample without pairs costs nothing.
  const Value none = ops::scalar_like(distance, -1e30);
  const Value exponent = ops::logsumexp(ops::where(pairs.same, pull, none), 1) +
                         ops::logsumexp(ops::where(pairs.other, push, none), 1);
  const Value values = activations::softplus(exponent);
  return {values, ops::greater(values, 0.0)};
}

}  // namespace

Loss Circle(CircleOptions o) { return made("Circle", o); }

std::vector<LossClass> embedding_losses() {
  return {{"Circle", "circle", {}, make_loss<CircleOptions, circle>, TargetKind::Labels}};
}

}  // namespace sinew::losses
