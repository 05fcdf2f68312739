#pragma once

#include <cstdint>
#include <string>

#include "sinew/nn/optimizers/optimizer.h"

namespace sinew::optimizers {

struct LossScaleOptimizerOptions {
  double initial_scale = 32768;
  /// After so many steps in a row with finite gradients the scale is doubled.
  std::int64_t dynamic_growth_steps = 2000;
  std::string name = "loss_scale_optimizer";
};
/// Scales the loss by as much as its gradients' range bears (Micikevicius et al. 2018,
/// section 3.2): a step whose gradients are not all finite changes nothing but halves the scale.
/// Clipping, weight decay and the like are the inner optimizer's; its loss_scale_factor is ignored.
OptimizerPtr LossScaleOptimizer(OptimizerPtr inner_optimizer,
                                LossScaleOptimizerOptions options = {});

}  // namespace sinew::optimizers
