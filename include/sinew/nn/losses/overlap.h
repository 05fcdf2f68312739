#pragma once

#include <cstdint>
#include <vector>

#include "sinew/nn/losses/loss.h"

/// Losses of the overlap of two sets, as segmentation has them: y_true and y_pred say how much each
/// element belongs.
namespace sinew::losses {

struct DiceOptions {
  /// The axes that sets extend over; empty for all, which makes one value of the whole batch.
  std::vector<std::int64_t> axis = {};
  std::string reduction = "sum_over_batch_size";
};
/// 1 - 2 sum(y p) / (sum(y) + sum(p) + 1e-7).
Loss Dice(DiceOptions options = {});

struct TverskyOptions {
  /// Weighs y (1 - p).
  double alpha = 0.5;
  /// Weighs p (1 - y).
  double beta = 0.5;
  /// As Dice's.
  std::vector<std::int64_t> axis = {};
  std::string reduction = "sum_over_batch_size";
};
/// 1 - sum(y p) / (sum(y p) + alpha sum(y (1 - p)) + beta sum(p (1 - y)) + 1e-7) (Salehi et al.
/// 2017).
Loss Tversky(TverskyOptions options = {});

}  // namespace sinew::losses
