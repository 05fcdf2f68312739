#pragma once

#include <optional>

#include "sinew/graph/graph.h"

namespace sinew::ops {

struct AttentionOptions {
  /// Factor of q . k; default: 1 / sqrt(D).
  std::optional<double> scale = {};
  /// Step t sees steps s <= t only.
  bool causal = false;
  /// Broadcastable to (N, H, T, S). Bool: false hides step s from step t. Floating: added to the
  /// scores.
  Value mask = {};
};

/// Scaled dot-product attention (Vaswani et al. 2017, equation 1) of every head:
/// y(n,t,h,:) = sum over s of softmax_s(scale q(n,t,h,:) . k(n,s,h,:) + mask) v(n,s,h,:).
/// q: (N, T, H, D); k: (N, S, H, D); v: (N, S, H, E); y: (N, T, H, E). Floating, one dtype. A step
/// from which all steps are hidden by a Bool mask attends to all alike, as in Keras's
/// dot_product_attention. Errors: ShapeError naming the shapes that do not fit; DTypeError.
Value attention(Value q, Value k, Value v, AttentionOptions options = {});

/// The two halves of attention, for what comes between them (dropout): weights (N, H, T, S) that
/// sum to 1 over s, and their product with v.
Value attention_weights(Value q, Value k, AttentionOptions options = {});
Value attend(Value weights, Value v);

}  // namespace sinew::ops
