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

struct AttentionOptions {
  /// A weight that the products are multiplied by.
  bool use_scale = false;
  /// "dot": q . k. "concat": a weight times the sum over features of tanh(q + k).
  std::string score_mode = "dot";
  /// Share of the weights that is dropped in training.
  double dropout = 0.0;
  std::optional<std::int64_t> seed = {};
  /// Step t sees steps s <= t only. In Keras an argument of the call.
  bool use_causal_mask = false;
  std::string name = {};
  DTypePolicy dtype = {};
  bool trainable = true;
};
/// Dot-product attention (Luong et al. 2015): query (N, T, F), value (N, S, E) and optionally key
/// (N, S, F; default: value) -> (N, T, E), the values weighted by the scores' softmax. Weights:
/// scale
/// (), with "concat" concat_score_weight ().
LayerPtr Attention(AttentionOptions options = {});

struct AdditiveAttentionOptions {
  /// A weight for each feature of the sums.
  bool use_scale = true;
  double dropout = 0.0;
  std::optional<std::int64_t> seed = {};
  bool use_causal_mask = false;
  std::string name = {};
  DTypePolicy dtype = {};
  bool trainable = true;
};
/// The same with scores of Bahdanau et al. 2015: the sum over features of scale tanh(q + k).
/// Weights: scale (F,).
LayerPtr AdditiveAttention(AdditiveAttentionOptions options = {});

struct GroupQueryAttentionOptions {
  double dropout = 0.0;
  bool use_bias = true;
  /// Multiplies each head's result by the sigmoid of a projection of the query.
  bool use_gate = false;
  /// Steps that are as many steps apart, or more, do not see each other.
  std::optional<std::int64_t> sliding_window = {};
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
/// Attention of which several query heads share a head of keys and values (Ainslie et al. 2023):
/// query (N, T, F), value (N, S, G), optional key (N, S, E) -> (N, T, F). Weights: query/kernel (F,
/// query heads, head_dim), query/bias, key/… and value/… of (key and value heads, head_dim),
/// attention_output/kernel (query heads, head_dim, F), attention_output/bias (F).
LayerPtr GroupQueryAttention(std::int64_t head_dim, std::int64_t num_query_heads,
                             std::int64_t num_key_value_heads,
                             GroupQueryAttentionOptions options = {});

}  // namespace sinew::layers
