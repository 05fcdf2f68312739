#include "sinew/nn/losses/overlap.h"

#include "nn/losses/registry.h"
#include "nn/targets.h"
#include "sinew/ops/ops.h"

namespace sinew::losses {
namespace {

Value sum_over(Value x, const std::vector<std::int64_t>& axes) {
  return ops::sum(x, std::vector<int>(axes.begin(), axes.end()));
}

Value dice(Value y_true, Value y_pred, const DiceOptions& options) {
  const auto [y, p] = align("dice", y_true, y_pred);
  const Value common = sum_over(y * p, options.axis);
  return 1.0 - 2.0 * common / (sum_over(y, options.axis) + sum_over(p, options.axis) + kEpsilon);
}

Value tversky(Value y_true, Value y_pred, const TverskyOptions& options) {
  const auto [y, p] = align("tversky", y_true, y_pred);
  const Value common = sum_over(y * p, options.axis);
  const Value missed = sum_over(y * (1.0 - p), options.axis);
  const Value excess = sum_over(p * (1.0 - y), options.axis);
  return 1.0 - common / (common + missed * options.alpha + excess * options.beta + kEpsilon);
}

}  // namespace

Loss Dice(DiceOptions o) { return made("Dice", o); }
Loss Tversky(TverskyOptions o) { return made("Tversky", o); }

std::vector<LossClass> overlap_losses() {
  return {
      {"Dice", "dice", {}, make_loss<DiceOptions, dice>},
      {"Tversky", "tversky", {}, make_loss<TverskyOptions, tversky>},
  };
}

}  // namespace sinew::losses
