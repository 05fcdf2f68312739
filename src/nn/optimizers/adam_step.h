#pragma once

#include "nn/optimizers/optimizer_support.h"

namespace sinew::optimizers {

struct AdamArguments {
  double beta_1;
  double beta_2;
  double epsilon;
};

/// The moments after this gradient, in slots "momentum" and "velocity".
struct Moments {
  Value momentum;
  Value velocity;
};
Moments update_moments(const Optimizer::Rule& rule, double beta_1, double beta_2);

/// The weight after Adam's step; with a slot "velocity_hat" by amsgrad's rule.
Value adam_step(const Optimizer::Rule& rule, Value learning_rate, const AdamArguments& arguments);

}  // namespace sinew::optimizers
