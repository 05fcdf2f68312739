#pragma once

#include <optional>
#include <vector>

#include "sinew/nn/layer.h"

namespace sinew::layers {

struct MultiHeadAttentionOptions {
  /// Width of a head's values; default: key_dim.
  std::optional<std::int64_t> value_dim = {};
  /// Share of attention weights dropped in training, where the weights must then be kept in memory.
  double dropout = 0.0;
  bool use_bias = true;
  /// Extents of the result's last axes; default: the query's features.
  std::vector<std::int64_t> output_shape = {};
  /// Over the steps, axis 1, only.
  std::vector<std::int64_t> attention_axes = {};
  /// Attention never writes its scores to memory unless dropout needs them; true asks for the error
  /// that Keras gives then.
  std::optional<bool> flash_attention = {};
  /// Step t attends to steps up to t only. In Keras an argument of the call.
  bool use_causal_mask = false;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint kernel_constraint = {};
  Constraint bias_constraint = {};
  std::optional<std::int64_t> seed = {};
  std::string name = {};
  DTypePolicy dtype = {};
  bool trainable = true;
};
/// Multi-head attention (Vaswani et al. 2017, section 3.2.2): query (N, T, F), value (N, S, G),
/// optional key (N, S, E; default: value) and, last, an optional Bool mask (N, T, S), false where
/// step t must not attend to step s -> (N, T, output_shape). Weights: query/kernel (F, heads,
/// key_dim), query/bias (heads, key_dim), key/…, value/…, attention_output/kernel (heads,
/// value_dim, output_shape), attention_output/bias (output_shape).
LayerPtr MultiHeadAttention(std::int64_t num_heads, std::int64_t key_dim,
                            MultiHeadAttentionOptions options = {});

}  // namespace sinew::layers
