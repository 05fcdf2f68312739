#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "sinew/model/model.h"

namespace sinew::cli {

/// How a model's one output ends.
struct Head {
  /// The key of the last activation's name ("softmax", "sigmoid", "linear", …).
  std::string activation = "linear";
  /// Numbers a row; 0 when it is not known before the first batch.
  std::int64_t width = 0;
};

/// Looks through layers that keep the numbers (Flatten, Reshape, Dropout).
Head head_of(const Model& model);

/// Whether the model tells classes apart: by the loss it is compiled with, otherwise by its head,
/// which has probabilities or several numbers.
bool classifies(const Model& model);

/// What a model that comes without a compile_config is trained for: cross-entropy of the head's
/// probabilities, or of its numbers as logits, with accuracy; without classes the squared error.
/// Throws ValueError when the head cannot tell so many classes apart.
CompileArguments objective_for(const Model& model, std::int64_t classes, const std::string& name);

/// The class that a row of outputs means: the largest number, or for a single one whether it is the
/// probability (or logit) of class 1 rather than 0.
std::int64_t predicted_class(const Head& head, std::span<const float> outputs);

}  // namespace sinew::cli
