#include "sinew/nn/losses/regression.h"

#include <numbers>

#include "nn/losses/registry.h"
#include "nn/targets.h"
#include "sinew/ops/ops.h"

namespace sinew::losses {
namespace {

Value mean_squared_error(Value y_true, Value y_pred) {
  const Targets t = align("mean_squared_error", y_true, y_pred);
  return ops::mean(ops::square(t.y_pred - t.y_true), {-1});
}

Value mean_absolute_error(Value y_true, Value y_pred) {
  const Targets t = align("mean_absolute_error", y_true, y_pred);
  return ops::mean(ops::abs(t.y_pred - t.y_true), {-1});
}

Value mean_absolute_percentage_error(Value y_true, Value y_pred) {
  const Targets t = align("mean_absolute_percentage_error", y_true, y_pred);
  const Value size = ops::maximum(ops::abs(t.y_true), kEpsilon);
  return 100.0 * ops::mean(ops::abs((t.y_true - t.y_pred) / size), {-1});
}

Value mean_squared_logarithmic_error(Value y_true, Value y_pred) {
  const Targets t = align("mean_squared_logarithmic_error", y_true, y_pred);
  const auto logarithm = [](Value y) { return ops::log(ops::maximum(y, kEpsilon) + 1.0); };
  return ops::mean(ops::square(logarithm(t.y_pred) - logarithm(t.y_true)), {-1});
}

Value huber(Value y_true, Value y_pred, const HuberOptions& options) {
  const Targets t = align("huber", y_true, y_pred);
  const Value error = ops::abs(t.y_pred - t.y_true);
  // The square of what is below delta, and delta a unit of what is above.
  const Value below = ops::minimum(error, options.delta);
  return ops::mean(0.5 * ops::square(below) + options.delta * (error - below), {-1});
}

Value log_cosh(Value y_true, Value y_pred) {
  const Targets t = align("log_cosh", y_true, y_pred);
  // log(e^x + e^-x) - log 2 with the larger exponential taken out.
  const Value error = ops::abs(t.y_pred - t.y_true);
  return ops::mean(error + ops::log1p(ops::exp(-2.0 * error)) - std::numbers::ln2, {-1});
}

Value cosine_similarity(Value y_true, Value y_pred, const CosineSimilarityOptions& options) {
  const Targets t = align("cosine_similarity", y_true, y_pred);
  return -ops::sum(normalize(t.y_true, options.axis) * normalize(t.y_pred, options.axis),
                   {options.axis});
}

}  // namespace

Loss MeanSquaredError(LossOptions o) { return made("MeanSquaredError", o); }
Loss MeanAbsoluteError(LossOptions o) { return made("MeanAbsoluteError", o); }
Loss MeanAbsolutePercentageError(LossOptions o) { return made("MeanAbsolutePercentageError", o); }
Loss MeanSquaredLogarithmicError(LossOptions o) { return made("MeanSquaredLogarithmicError", o); }
Loss Huber(HuberOptions o) { return made("Huber", o); }
Loss LogCosh(LossOptions o) { return made("LogCosh", o); }
Loss CosineSimilarity(CosineSimilarityOptions o) { return made("CosineSimilarity", o); }

std::vector<LossClass> regression_losses() {
  using Plain = LossOptions;
  return {
      {"MeanSquaredError", "mean_squared_error", {"mse"}, make_loss<Plain, mean_squared_error>},
      {"MeanAbsoluteError", "mean_absolute_error", {"mae"}, make_loss<Plain, mean_absolute_error>},
      {"MeanAbsolutePercentageError",
       "mean_absolute_percentage_error",
       {"mape"},
       make_loss<Plain, mean_absolute_percentage_error>},
      {"MeanSquaredLogarithmicError",
       "mean_squared_logarithmic_error",
       {"msle"},
       make_loss<Plain, mean_squared_logarithmic_error>},
      {"Huber", "huber", {}, make_loss<HuberOptions, huber>},
      {"LogCosh", "log_cosh", {}, make_loss<Plain, log_cosh>},
      {"CosineSimilarity",
       "cosine_similarity",
       {},
       make_loss<CosineSimilarityOptions, cosine_similarity>},
  };
}

}  // namespace sinew::losses
