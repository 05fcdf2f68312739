#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sinew/nn/optimizers/optimizer.h"

/// Gradient descent by one rate for all: plain, by sign, and by orthogonal steps.
/// OptimizerCommon says what the arguments mean that all optimizers share.
namespace sinew::optimizers {

struct SGDOptions {
  LearningRate learning_rate = 0.01;
  double momentum = 0.0;
  bool nesterov = false;
  std::optional<double> weight_decay = {};
  std::optional<double> clipnorm = {};
  std::optional<double> clipvalue = {};
  std::optional<double> global_clipnorm = {};
  bool use_ema = false;
  double ema_momentum = 0.99;
  std::optional<std::int64_t> ema_overwrite_frequency = {};
  std::optional<double> loss_scale_factor = {};
  std::optional<std::int64_t> gradient_accumulation_steps = {};
  std::string name = "sgd";
};
/// w -= lr g; with momentum v = momentum v - lr g, w += v, or w += momentum v - lr g for Nesterov's
/// (Sutskever et al. 2013).
OptimizerPtr SGD(SGDOptions options = {});

struct LionOptions {
  LearningRate learning_rate = 0.001;
  double beta_1 = 0.9;
  double beta_2 = 0.99;
  std::optional<double> weight_decay = {};
  std::optional<double> clipnorm = {};
  std::optional<double> clipvalue = {};
  std::optional<double> global_clipnorm = {};
  bool use_ema = false;
  double ema_momentum = 0.99;
  std::optional<std::int64_t> ema_overwrite_frequency = {};
  std::optional<double> loss_scale_factor = {};
  std::optional<std::int64_t> gradient_accumulation_steps = {};
  std::string name = "lion";
};
/// Chen et al. 2023, algorithm 2: w -= lr sign(beta_1 m + (1 - beta_1) g), m = beta_2 m + (1 -
/// beta_2) g. 0 < beta_1 <= 1.
OptimizerPtr Lion(LionOptions options = {});

struct MuonOptions {
  LearningRate learning_rate = 0.001;
  double adam_beta_1 = 0.9;
  double adam_beta_2 = 0.999;
  std::optional<double> adam_weight_decay = 0.004;
  double epsilon = 1e-7;
  /// Regular expressions: matrices in whose path ("dense/kernel") one is found are left to AdamW.
  std::vector<std::string> exclude_layers = {};
  /// Matrices with "embedding" in their path are left to AdamW.
  bool exclude_embeddings = true;
  /// Of the iteration X = a X + (b X X' + c (X X')^2) X.
  double muon_a = 3.4445;
  double muon_b = -4.775;
  double muon_c = 2.0315;
  /// AdamW's learning rate, as a multiple of Muon's.
  double adam_lr_ratio = 1.0;
  double momentum = 0.95;
  std::int64_t ns_steps = 5;
  bool nesterov = true;
  /// The root mean square of a step, as a multiple of the rate: rates that suit AdamW suit then
  /// (Liu et al. 2025). None leaves the step as it is.
  std::optional<double> rms_rate = 0.2;
  std::optional<double> weight_decay = 0.004;
  std::optional<double> clipnorm = {};
  std::optional<double> clipvalue = {};
  std::optional<double> global_clipnorm = {};
  bool use_ema = false;
  double ema_momentum = 0.99;
  std::optional<std::int64_t> ema_overwrite_frequency = {};
  std::optional<double> loss_scale_factor = {};
  std::optional<std::int64_t> gradient_accumulation_steps = {};
  std::string name = "muon";
};
/// Matrices follow their momentum made nearly orthogonal by ns_steps Newton-Schulz iterations
/// (Jordan et al. 2024); all other weights, and those excluded, follow Adam, with a weight decay of
/// their own.
OptimizerPtr Muon(MuonOptions options = {});

}  // namespace sinew::optimizers
