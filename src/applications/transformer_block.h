#pragma once

#include <string>

#include "applications/options.h"
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

/// Of a stack of such blocks over learnt positions: fills in the options that follow from others,
/// and checks all that BERT's and GPT's have in common. Throws ValueError.
template <typename Options>
void settle_stack(const char* network, Options& options) {
  if (options.steps == 0) options.steps = options.context;
  if (options.hidden == 0) options.hidden = 4 * options.width;
  expect_at_least(network, "vocabulary", options.vocabulary);
  expect_at_least(network, "context", options.context);
  expect_at_least(network, "blocks", options.blocks);
  expect_at_least(network, "hidden", options.hidden);
  expect_heads(network, options.width, options.heads);
  expect_rate(network, "dropout", options.dropout);
  expect_rate(network, "attention_dropout", options.attention_dropout);
  expect_steps(network, options.steps, options.context);
}

}  // namespace sinew::applications
