#pragma once

#include "sinew/nn/losses/loss.h"

namespace sinew::losses {

/// mean((y_true - y_pred)^2).
Loss MeanSquaredError(LossOptions options = {});
/// mean(|y_true - y_pred|).
Loss MeanAbsoluteError(LossOptions options = {});
/// 100 mean(|y_true - y_pred| / max(|y_true|, 1e-7)).
Loss MeanAbsolutePercentageError(LossOptions options = {});
/// mean((log(1 + y_true) - log(1 + y_pred))^2), both at least 1e-7.
Loss MeanSquaredLogarithmicError(LossOptions options = {});

struct HuberOptions {
  /// Where the square turns into a straight line.
  double delta = 1.0;
  std::string reduction = "sum_over_batch_size";
};
/// mean(e^2 / 2 where |e| <= delta, else delta |e| - delta^2 / 2) of the error e (Huber 1964).
Loss Huber(HuberOptions options = {});
/// mean(log(cosh(y_pred - y_true))), without overflow.
Loss LogCosh(LossOptions options = {});

struct CosineSimilarityOptions {
  int axis = -1;
  std::string reduction = "sum_over_batch_size";
};
/// Minus the cosine of the angle between y_true and y_pred: -1 where they point the same way, 0
/// where one of them is 0.
Loss CosineSimilarity(CosineSimilarityOptions options = {});

}  // namespace sinew::losses
