#pragma once

#include "sinew/nn/losses/loss.h"

namespace sinew::losses {

struct CircleOptions {
  /// The scale of similarities.
  double gamma = 80.0;
  /// How far apart similarities within and between classes are to be.
  double margin = 0.4;
  /// Whether a sample is not its own pair.
  bool remove_diagonal = true;
  std::string reduction = "sum_over_batch_size";
};
/// Draws embeddings of one class together and others apart (Sun et al. 2020): y_true (N,) or (N, 1)
/// holds class numbers, y_pred (N, d) embeddings of length 1. A sample without a pair costs nothing
/// and is left out of means.
Loss Circle(CircleOptions options = {});

}  // namespace sinew::losses
