// Cross-entropies in which what is predicted well, or labelled wrongly, counts less.
#include <fmt/format.h>

#include "nn/losses/registry.h"
#include "nn/targets.h"
#include "sinew/ops/ops.h"

namespace sinew::losses {
namespace {

/// base^exponent for a base in [0, 1], with a gradient at 0 too.
Value focus(Value base, double exponent) {
  if (exponent == 0.0) return ops::ones_like(base);
  if (exponent == 1.0) return base;
  return exponent == 2.0 ? ops::square(base) : ops::pow(base, exponent);
}

Value binary_focal_crossentropy(Value y_true, Value y_pred, const BinaryFocalOptions& options) {
  const Targets t = align("binary_focal_crossentropy", y_true, y_pred);
  const Value y = smooth_flags(t.y_true, options.label_smoothing);
  const Value p = options.from_logits ? ops::sigmoid(t.y_pred) : t.y_pred;
  const Value kept = ops::clip(p, kEpsilon, 1.0 - kEpsilon);
  const Value entropy = -(y * ops::log(kept) + (1.0 - y) * ops::log(1.0 - kept));
  const Value right = y * p + (1.0 - y) * (1.0 - p);
  Value loss = focus(1.0 - right, options.gamma) * entropy;
  if (options.apply_class_balancing)
    loss = (y * options.alpha + (1.0 - y) * (1.0 - options.alpha)) * loss;
  return ops::mean(loss, {options.axis});
}

Value categorical_focal_crossentropy(Value y_true, Value y_pred,
                                     const CategoricalFocalOptions& options) {
  const Targets t = align_classes("categorical_focal_crossentropy", y_true, y_pred);
  const Value y = smooth_classes(t.y_true, options.label_smoothing);
  const Value given = options.from_logits ? ops::softmax(t.y_pred, options.axis) : t.y_pred;
  const Value p =
      ops::clip(given / ops::sum(given, {options.axis}, true), kEpsilon, 1.0 - kEpsilon);
  const std::int64_t weights = static_cast<std::int64_t>(options.alpha.size());
  if (weights != 1 && weights != p.dim(-1)) {
    throw ShapeError(
        fmt::format("categorical_focal_crossentropy: alpha has {} numbers, but y_pred has shape {}",
                    weights, p.shape().str()));
  }
  const Value alpha = p.graph().constant(Tensor::from(options.alpha, {weights}).cast(p.dtype()));
  return ops::sum(focus(1.0 - p, options.gamma) * alpha * (-y * ops::log(p)), {options.axis});
}

Value categorical_generalized_cross_entropy(Value y_true, Value y_pred,
                                            const GeneralizedCrossentropyOptions& options) {
  const Targets t = align_class_numbers("categorical_generalized_cross_entropy", y_true, y_pred);
  const Value hot = ops::one_hot(t.y_true, t.y_pred.dim(-1), t.y_pred.dtype());
  // The bound changes no value, and keeps the gradient finite where a softmax gives 0.
  const Value p = ops::maximum(ops::sum(t.y_pred * hot, {-1}), 1e-30);
  return (1.0 - ops::pow(p, options.q)) / options.q;
}

}  // namespace

Loss BinaryFocalCrossentropy(BinaryFocalOptions o) { return made("BinaryFocalCrossentropy", o); }
Loss CategoricalFocalCrossentropy(CategoricalFocalOptions o) {
  return made("CategoricalFocalCrossentropy", o);
}
Loss CategoricalGeneralizedCrossEntropy(GeneralizedCrossentropyOptions o) {
  return made("CategoricalGeneralizedCrossEntropy", o);
}

std::vector<LossClass> focal_losses() {
  return {
      {"BinaryFocalCrossentropy",
       "binary_focal_crossentropy",
       {},
       make_loss<BinaryFocalOptions, binary_focal_crossentropy>},
      {"CategoricalFocalCrossentropy",
       "categorical_focal_crossentropy",
       {},
       make_loss<CategoricalFocalOptions, categorical_focal_crossentropy>},
      {"CategoricalGeneralizedCrossEntropy",
       "categorical_generalized_cross_entropy",
       {},
       make_loss<GeneralizedCrossentropyOptions, categorical_generalized_cross_entropy>,
       TargetKind::ClassNumbers},
  };
}

}  // namespace sinew::losses
