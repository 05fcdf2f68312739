#include "nn/losses/registry.h"
#include "nn/targets.h"
#include "sinew/ops/ops.h"

namespace sinew::losses {
namespace {

Value kl_divergence(Value y_true, Value y_pred) {
  const Targets t = align("kl_divergence", y_true, y_pred);
  const Value y = ops::clip(t.y_true, kEpsilon, 1.0);
  const Value p = ops::clip(t.y_pred, kEpsilon, 1.0);
  return ops::sum(y * ops::log(y / p), {-1});
}

Value poisson(Value y_true, Value y_pred) {
  const Targets t = align("poisson", y_true, y_pred);
  return ops::mean(t.y_pred - t.y_true * ops::log(t.y_pred + kEpsilon), {-1});
}

}  // namespace

Loss KLDivergence(LossOptions o) { return made("KLDivergence", o); }
Loss Poisson(LossOptions o) { return made("Poisson", o); }

std::vector<LossClass> divergence_losses() {
  return {
      {"KLDivergence",
       "kl_divergence",
       {"kld", "kullback_leibler_divergence"},
       make_loss<LossOptions, kl_divergence>},
      {"Poisson", "poisson", {}, make_loss<LossOptions, poisson>},
  };
}

}  // namespace sinew::losses
