#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sinew/nn/losses/loss.h"

namespace sinew::losses {

struct CrossentropyOptions {
  /// y_pred are logits, not probabilities. Where y_pred comes straight out of a softmax or a
  /// sigmoid, its logits are used whatever this says: the same value, without the loss of
  /// precision.
  bool from_logits = false;
  /// Moves the labels towards the uniform distribution (Szegedy et al. 2016): y (1 - s) + s /
  /// classes.
  double label_smoothing = 0.0;
  /// The axis of the classes, or the one to take the mean over.
  int axis = -1;
  std::string reduction = "sum_over_batch_size";
};
/// mean(-y log p - (1 - y) log(1 - p)), p clipped to [1e-7, 1 - 1e-7].
Loss BinaryCrossentropy(CrossentropyOptions options = {});
/// -sum(y log p) over classes: y_true (N, …, classes) holds probabilities (one-hot labels).
Loss CategoricalCrossentropy(CrossentropyOptions options = {});

struct SparseCrossentropyOptions {
  bool from_logits = false;
  /// Samples of this class cost nothing and are left out of means.
  std::optional<std::int64_t> ignore_class = {};
  int axis = -1;
  std::string reduction = "sum_over_batch_size";
};
/// -log p[y]: y_true (N, …) or (N, …, 1) holds class numbers, y_pred (N, …, classes).
Loss SparseCategoricalCrossentropy(SparseCrossentropyOptions options = {});

struct BinaryFocalOptions {
  /// Weighs ones by alpha and zeros by 1 - alpha.
  bool apply_class_balancing = false;
  double alpha = 0.25;
  /// How strongly what is predicted well counts less.
  double gamma = 2.0;
  bool from_logits = false;
  double label_smoothing = 0.0;
  int axis = -1;
  std::string reduction = "sum_over_batch_size";
};
/// mean((1 - q)^gamma (-log q)) where q is the probability given to the truth (Lin et al. 2017).
Loss BinaryFocalCrossentropy(BinaryFocalOptions options = {});

struct CategoricalFocalOptions {
  /// One for all classes, or one a class.
  std::vector<double> alpha = {0.25};
  double gamma = 2.0;
  bool from_logits = false;
  double label_smoothing = 0.0;
  int axis = -1;
  std::string reduction = "sum_over_batch_size";
};
/// -sum(alpha (1 - p)^gamma y log p) over classes.
Loss CategoricalFocalCrossentropy(CategoricalFocalOptions options = {});

struct GeneralizedCrossentropyOptions {
  /// Between 0 (cross-entropy) and 1 (mean absolute error), both excluded.
  double q = 0.5;
  std::string reduction = "sum_over_batch_size";
};
/// (1 - p[y]^q) / q, which withstands wrong labels (Zhang and Sabuncu 2018): y_true (N, …) holds
/// class numbers, y_pred (N, …, classes) probabilities.
Loss CategoricalGeneralizedCrossEntropy(GeneralizedCrossentropyOptions options = {});

/// sum(y log(y / p)), both clipped to [1e-7, 1].
Loss KLDivergence(LossOptions options = {});
/// mean(p - y log(p + 1e-7)).
Loss Poisson(LossOptions options = {});

}  // namespace sinew::losses
