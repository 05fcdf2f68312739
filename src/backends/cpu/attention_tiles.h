#pragma once

#include <cstdint>

namespace sinew::cpu {

/// One head of one sample: rows of queries, keys, values and results lie `…_stride` elements apart.
template <typename T>
struct AttentionHead {
  const T *q, *k, *v;
  T *y, *log_sum;
  std::int64_t q_stride, k_stride, v_stride, y_stride;
  /// Backward only; gradients lie as what they are gradients of.
  const T* dy;
  T *dq, *dk, *dv;

  /// Number of keys, width of queries and keys, width of values.
  std::int64_t keys, width, value_width;
  /// The queries of this call.
  std::int64_t first_query, end_query;
  T scale;
  bool causal;
  /// At most one of them: what hides steps, and what is added to scores. Strides are 0 where the
  /// mask is broadcast.
  const std::uint8_t* visible;
  const T* added;
  std::int64_t mask_query_stride, mask_key_stride;
};

/// Queries of one forward call at most: a task of a thread.
inline constexpr std::int64_t kQueryBlock = 128;

void attention_forward(const AttentionHead<float>& head);
void attention_forward(const AttentionHead<double>& head);
/// Of all queries of the head.
void attention_backward(const AttentionHead<float>& head);
void attention_backward(const AttentionHead<double>& head);

}  // namespace sinew::cpu
