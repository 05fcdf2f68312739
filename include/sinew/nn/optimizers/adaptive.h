#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sinew/nn/optimizers/optimizer.h"

/// A rate for each number of a weight, by its gradients so far.
/// OptimizerCommon says what the arguments mean that all optimizers share.
namespace sinew::optimizers {

struct RMSpropOptions {
  LearningRate learning_rate = 0.001;
  double rho = 0.9;
  double momentum = 0.0;
  double epsilon = 1e-7;
  /// Divides by the deviation of the gradients instead of their root mean square.
  bool centered = false;
  std::optional<double> weight_decay = {};
  std::optional<double> clipnorm = {};
  std::optional<double> clipvalue = {};
  std::optional<double> global_clipnorm = {};
  bool use_ema = false;
  double ema_momentum = 0.99;
  std::optional<std::int64_t> ema_overwrite_frequency = {};
  std::optional<double> loss_scale_factor = {};
  std::optional<std::int64_t> gradient_accumulation_steps = {};
  std::string name = "rm_sprop";
};
/// Hinton 2012: v = rho v + (1 - rho) g^2, w -= lr g / sqrt(v + epsilon), with momentum if asked
/// for.
OptimizerPtr RMSprop(RMSpropOptions options = {});

struct AdagradOptions {
  LearningRate learning_rate = 0.001;
  double initial_accumulator_value = 0.1;
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
  std::string name = "adagrad";
};
/// Duchi et al. 2011: a += g^2, w -= lr g / sqrt(a + epsilon).
OptimizerPtr Adagrad(AdagradOptions options = {});

struct AdadeltaOptions {
  LearningRate learning_rate = 0.001;
  double rho = 0.95;
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
  std::string name = "adadelta";
};
/// Zeiler 2012, algorithm 1, times the learning rate (1 gives the paper's): steps and gradients are
/// measured by their decaying root mean squares.
OptimizerPtr Adadelta(AdadeltaOptions options = {});

struct AdafactorOptions {
  LearningRate learning_rate = 0.001;
  double beta_2_decay = -0.8;
  double epsilon_1 = 1e-30;
  double epsilon_2 = 1e-3;
  double clip_threshold = 1.0;
  /// The rate is at most 1 / sqrt(step). In Keras it is so either way.
  bool relative_step = true;
  std::optional<double> weight_decay = {};
  std::optional<double> clipnorm = {};
  std::optional<double> clipvalue = {};
  std::optional<double> global_clipnorm = {};
  bool use_ema = false;
  double ema_momentum = 0.99;
  std::optional<std::int64_t> ema_overwrite_frequency = {};
  std::optional<double> loss_scale_factor = {};
  std::optional<std::int64_t> gradient_accumulation_steps = {};
  std::string name = "adafactor";
};
/// Shazeer and Stern 2018, algorithms 4 and 5: the squares' averages of a matrix are kept as its
/// rows' and columns', and steps are relative to the weight's root mean square.
OptimizerPtr Adafactor(AdafactorOptions options = {});

struct FtrlOptions {
  LearningRate learning_rate = 0.001;
  double learning_rate_power = -0.5;
  double initial_accumulator_value = 0.1;
  double l1_regularization_strength = 0.0;
  double l2_regularization_strength = 0.0;
  double l2_shrinkage_regularization_strength = 0.0;
  double beta = 0.0;
  std::optional<double> weight_decay = {};
  std::optional<double> clipnorm = {};
  std::optional<double> clipvalue = {};
  std::optional<double> global_clipnorm = {};
  bool use_ema = false;
  double ema_momentum = 0.99;
  std::optional<std::int64_t> ema_overwrite_frequency = {};
  std::optional<double> loss_scale_factor = {};
  std::optional<std::int64_t> gradient_accumulation_steps = {};
  std::string name = "ftrl";
};
/// Follow the regularized leader (McMahan et al. 2013, algorithm 1), with l2 shrinkage.
OptimizerPtr Ftrl(FtrlOptions options = {});

}  // namespace sinew::optimizers
