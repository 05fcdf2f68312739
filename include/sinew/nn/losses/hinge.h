#pragma once

#include "sinew/nn/losses/loss.h"

/// Losses of maximum margins. y_true is -1 or 1; where a whole batch is 0 or 1 it is converted.
namespace sinew::losses {

/// mean(max(1 - y p, 0)).
Loss Hinge(LossOptions options = {});
/// mean(max(1 - y p, 0)^2).
Loss SquaredHinge(LossOptions options = {});
/// max(1 + max((1 - y) p) - sum(y p), 0) for one-hot y.
Loss CategoricalHinge(LossOptions options = {});

}  // namespace sinew::losses
