#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sinew/nn/optimizers/optimizer.h"

/// Adam and those that it inspired: steps of the size of the rate, by moments of the gradients.
/// OptimizerCommon says what the arguments mean that all optimizers share.
namespace sinew::optimizers {

struct AdamOptions {
  LearningRate learning_rate = 0.001;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  bool amsgrad = false;
  std::optional<double> weight_decay = {};
  std::optional<double> clipnorm = {};
  std::optional<double> clipvalue = {};
  std::optional<double> global_clipnorm = {};
  bool use_ema = false;
  double ema_momentum = 0.99;
  std::optional<std::int64_t> ema_overwrite_frequency = {};
  std::optional<double> loss_scale_factor = {};
  std::optional<std::int64_t> gradient_accumulation_steps = {};
  std::string name = "adam";
};
/// Kingma and Ba 2015, section 2, in the form that ends it: m += (g - m)(1 - beta_1), v += (g^2 -
/// v)(1 - beta_2), w -= lr sqrt(1 - beta_2^t) / (1 - beta_1^t) * m / (sqrt(v) + epsilon). With
/// amsgrad the largest v so far stands in the denominator (Reddi et al. 2018).
OptimizerPtr Adam(AdamOptions options = {});

struct AdamWOptions {
  LearningRate learning_rate = 0.001;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  bool amsgrad = false;
  double weight_decay = 0.004;
  std::optional<double> clipnorm = {};
  std::optional<double> clipvalue = {};
  std::optional<double> global_clipnorm = {};
  bool use_ema = false;
  double ema_momentum = 0.99;
  std::optional<std::int64_t> ema_overwrite_frequency = {};
  std::optional<double> loss_scale_factor = {};
  std::optional<std::int64_t> gradient_accumulation_steps = {};
  std::string name = "adam_w";
};
/// Adam with weight decay (Loshchilov and Hutter 2019).
OptimizerPtr AdamW(AdamWOptions options = {});

struct AdamaxOptions {
  LearningRate learning_rate = 0.001;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  std::optional<double> weight_decay = {};
  std::optional<double> clipnorm = {};
  std::optional<double> clipvalue = {};
  std::optional<double> global_clipnorm = {};
  bool use_ema = false;
  double ema_momentum = 0.99;
  std::optional<std::int64_t> ema_overwrite_frequency = {};
  std::optional<double> loss_scale_factor = {};
  std::optional<std::int64_t> gradient_accumulation_steps = {};
  std::string name = "adamax";
};
/// Kingma and Ba 2015, algorithm 2: Adam by the largest norm: u = max(beta_2 u, |g|), w -= lr / (1
/// - beta_1^t) * m / (u + epsilon).
OptimizerPtr Adamax(AdamaxOptions options = {});

struct NadamOptions {
  LearningRate learning_rate = 0.001;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  std::optional<double> weight_decay = {};
  std::optional<double> clipnorm = {};
  std::optional<double> clipvalue = {};
  std::optional<double> global_clipnorm = {};
  bool use_ema = false;
  double ema_momentum = 0.99;
  std::optional<std::int64_t> ema_overwrite_frequency = {};
  std::optional<double> loss_scale_factor = {};
  std::optional<std::int64_t> gradient_accumulation_steps = {};
  std::string name = "nadam";
};
/// Dozat 2016: Adam with Nesterov's momentum, whose coefficient is beta_1 (1 - 0.96^t / 2) at step
/// t.
OptimizerPtr Nadam(NadamOptions options = {});

struct LambOptions {
  LearningRate learning_rate = 0.001;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  std::optional<double> weight_decay = {};
  std::optional<double> clipnorm = {};
  std::optional<double> clipvalue = {};
  std::optional<double> global_clipnorm = {};
  bool use_ema = false;
  double ema_momentum = 0.99;
  std::optional<std::int64_t> ema_overwrite_frequency = {};
  std::optional<double> loss_scale_factor = {};
  std::optional<std::int64_t> gradient_accumulation_steps = {};
  std::string name = "lamb";
};
/// You et al. 2020, algorithm 2: Adam's step, scaled for each weight by the ratio of the weight's
/// norm to the step's.
OptimizerPtr Lamb(LambOptions options = {});

struct ScheduleFreeAdamWOptions {
  LearningRate learning_rate = 0.0025;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-8;
  /// The rate rises from 0 in so many steps.
  std::int64_t warmup_steps = 0;
  std::optional<double> weight_decay = {};
  std::optional<double> clipnorm = {};
  std::optional<double> clipvalue = {};
  std::optional<double> global_clipnorm = {};
  bool use_ema = false;
  double ema_momentum = 0.99;
  std::optional<std::int64_t> ema_overwrite_frequency = {};
  std::optional<double> loss_scale_factor = {};
  std::optional<std::int64_t> gradient_accumulation_steps = {};
  std::string name = "schedule_free_adam_w";
};
/// Defazio et al. 2024, algorithm 1: the weight is (1 - beta_1) z + beta_1 x, where z (slot
/// "momentum") follows Adam's step without momentum and x is z's mean over all steps, which is what
/// schedules approach. beta_1 > 0.
OptimizerPtr ScheduleFreeAdamW(ScheduleFreeAdamWOptions options = {});

}  // namespace sinew::optimizers
