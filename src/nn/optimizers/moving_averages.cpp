#include <fmt/format.h>

#include "nn/optimizers/optimizer_support.h"
#include "sinew/base/error.h"

namespace sinew {

void Optimizer::swap_moving_averages() {
  if (!common_.use_ema) {
    throw ValueError(fmt::format(
        "optimizer {}: it keeps no moving averages of the weights: give it use_ema", name_));
  }
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    const Tensor weight = weights_[i]->value();
    weights_[i]->assign(averages_[i]->value());
    averages_[i]->assign(weight);
  }
  averages_swapped_ = !averages_swapped_;
}

void Optimizer::finalize_variable_values() {
  for (std::size_t i = 0; i < averages_.size(); ++i) {
    if (averages_swapped_) {
      averages_[i]->assign(weights_[i]->value());
    } else {
      weights_[i]->assign(averages_[i]->value());
    }
  }
  averages_swapped_ = false;
}

}  // namespace sinew
