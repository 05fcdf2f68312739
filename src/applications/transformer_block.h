#pragma once

#include <string>

#include "sinew/nn/layers.h"

namespace sinew::applications {

/// What all of a network's blocks share.
struct TransformerBlockOptions {
  std::int64_t heads;
  std::int64_t hidden;
  ActivationFunction activation = "relu";
  double dropout = 0.0;
  double attention_dropout = 0.0;
  double epsilon = 1e-6;
  /// Normalises what goes into each part (x + f(norm(x)), as GPT-2 does) instead of each sum
  /// (norm(x + f(x)), as the Transformer and BERT do).
  bool pre_norm = false;
  bool causal = false;
  Initializer kernel_initializer = "glorot_uniform";
};

/// Self-attention, attention to `memory` where there is one, and two Dense layers (Vaswani et al.
/// 2017, section 3.1), each a residual. Layers' names begin with `name`.
KerasTensor transformer_block(KerasTensor x, const KerasTensor& memory, const std::string& name,
                              const TransformerBlockOptions& options);

}  // namespace sinew::applications
