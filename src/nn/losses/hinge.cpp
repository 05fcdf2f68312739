#include "sinew/nn/losses/hinge.h"

#include "nn/losses/registry.h"
#include "nn/targets.h"
#include "sinew/ops/ops.h"

namespace sinew::losses {
namespace {

/// Zeros and ones as -1 and 1, where the whole batch is nothing else.
Value as_signs(Value y) {
  const Value zero = ops::scalar_like(y, 0.0);
  const Value one = ops::scalar_like(y, 1.0);
  const Value binary = ops::logical_or(ops::equal(y, zero), ops::equal(y, one));
  const Value all = ops::equal(ops::min(ops::cast(binary, y.dtype())), one);
  return ops::where(all, 2.0 * y - 1.0, y);
}

Value shortfall(const char* name, Value y_true, Value y_pred) {
  const Targets t = align(name, y_true, y_pred);
  return ops::relu(1.0 - as_signs(t.y_true) * t.y_pred);
}

Value hinge(Value y_true, Value y_pred) {
  return ops::mean(shortfall("hinge", y_true, y_pred), {-1});
}

Value squared_hinge(Value y_true, Value y_pred) {
  return ops::mean(ops::square(shortfall("squared_hinge", y_true, y_pred)), {-1});
}

Value categorical_hinge(Value y_true, Value y_pred) {
  const Targets t = align_classes("categorical_hinge", y_true, y_pred);
  const Value right = ops::sum(t.y_true * t.y_pred, {-1});
  const Value wrong = ops::max((1.0 - t.y_true) * t.y_pred, {-1});
  return ops::relu(wrong - right + 1.0);
}

}  // namespace

Loss Hinge(LossOptions o) { return made("Hinge", o); }
Loss SquaredHinge(LossOptions o) { return made("SquaredHinge", o); }
Loss CategoricalHinge(LossOptions o) { return made("CategoricalHinge", o); }

std::vector<LossClass> hinge_losses() {
  return {
      {"Hinge", "hinge", {}, make_loss<LossOptions, hinge>},
      {"SquaredHinge", "squared_hinge", {}, make_loss<LossOptions, squared_hinge>},
      {"CategoricalHinge", "categorical_hinge", {}, make_loss<LossOptions, categorical_hinge>},
  };
}

}  // namespace sinew::losses
