// Attention without the (T, S) matrix of scores in memory (FlashAttention: Dao et al. 2022, Dao
// 2023), on blocks that stay in a core's second-level cache.
//
// Forward, for 128 queries, over blocks of B keys: scores = q k^T, a running maximum m and sum l of
// each row, p = exp(scores - m), result += p v; at the end result / l, and log-sum-exp = m + log l.
// 4 D FLOPs an element of the scores. Backward recomputes p = exp(scores - log-sum-exp) of a tile
// (128 x B), then dp = dy v^T, ds = p (dp - sum(dy y)), dq += ds k, dk += ds^T q, dv += p^T dy:
// five products, 10 D FLOPs; all keys' gradients of a head are summed by one thread in order.
//
// Every product is of the one form of tile_product-inl.h; operands are copied next to each other
// and padded first, 1 / 128 of a product's work each, which makes odd extents no special case.
// The multiply-adds are the bound, then the exponentials (25 cycles a vector of the tile, against
// 128 of the products forward at D = 64).

#include "backends/cpu/attention_tiles.h"

#include <algorithm>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/attention_tiles.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include "backends/cpu/attention_softmax-inl.h"
#include "backends/cpu/tile_product-inl.h"

HWY_BEFORE_NAMESPACE();
namespace sinew::cpu {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

constexpr int64_t kStackBytes = 768 << 10;

/// Pieces of the calling thread's stack, on cache lines of their own.
class Stack {
 public:
  explicit Stack(char* memory) : next_(memory) {}
  template <typename T>
  T* take(int64_t count) {
    T* result = reinterpret_cast<T*>(next_);
    next_ += round_up(count * static_cast<int64_t>(sizeof(T)), 64);
    return result;
  }

 private:
  char* next_;
};

/// Extents of a head's tiles. Rows are padded to the product's rows, columns to its panels.
template <typename T>
struct TileShape {
  int64_t width, value_width, padded_width, padded_value_width, keys;

  explicit TileShape(const AttentionHead<T>& h)
      : width(h.width),
        value_width(h.value_width),
        padded_width(round_up(h.width, panel<T>())),
        padded_value_width(round_up(h.value_width, panel<T>())) {
    keys = kQueryBlock;
    while (keys > std::max(panel<T>(), kRowStep) && bytes() > kStackBytes) keys /= 2;
  }
  /// A tile has as many queries as keys.
  int64_t queries() const { return keys; }
  int64_t bytes() const {
    return (6 * padded_width + 5 * padded_value_width + 2 * keys + 16) * keys *
           static_cast<int64_t>(sizeof(T));
  }
};

/// Queries [first_query, end_query), at most a tile's.
template <typename T>
void forward_tile(const AttentionHead<T>& h, const TileShape<T>& s) {
  alignas(64) char memory[kStackBytes + (64 << 10)];
  Stack stack(memory);
  const int64_t queries = h.end_query - h.first_query;
  const int64_t rows = round_up(queries, kRowStep);
  T* q = stack.take<T>(rows * s.width);
  T* k = stack.take<T>(s.keys * s.width);
  T* v = stack.take<T>(s.keys * s.padded_value_width);
  T* scores = stack.take<T>(rows * s.keys);
  T* result = stack.take<T>(rows * s.padded_value_width);
  T* largest = stack.take<T>(kQueryBlock);
  T* sums = stack.take<T>(kQueryBlock);
  std::fill(result, result + rows * s.padded_value_width, T{0});
  std::fill(largest, largest + kQueryBlock, std::numeric_limits<T>::lowest());
  std::fill(sums, sums + kQueryBlock, T{0});
  copy_rows(h.q + h.first_query * h.q_stride, h.q_stride, queries, s.width, h.scale, q, rows);
  for (int64_t key = 0; key < h.keys; key += s.keys) {
    if (hidden_by_causality(h, key, h.end_query)) break;
    const int64_t count = std::min(s.keys, h.keys - key);
    const int64_t columns = round_up(count, panel<T>());
    transpose_to_panels(h.k + key * h.k_stride, h.k_stride, count, s.width, k);
    copy_to_panels(h.v + key * h.v_stride, h.v_stride, count, s.value_width, T{1}, panel<T>(), v);
    product<false>(q, s.width, k, scores, columns, rows, s.width, columns, false);
    for (int64_t row = 0; row < queries; ++row) {
      mask_row(h, h.first_query + row, key, count, columns, scores + row * columns);
      softmax_step(scores + row * columns, columns, row, largest, sums,
                   result + row * s.padded_value_width, s.padded_value_width);
    }
    product<false>(scores, columns, v, result, s.padded_value_width, rows, count,
                   s.padded_value_width, true);
  }
  const hn::ScalableTag<T> d;
  for (int64_t row = 0; row < queries; ++row) {
    const T factor = T{1} / sums[row];
    T* y = h.y + (h.first_query + row) * h.y_stride;
    for (int64_t i = 0; i < s.value_width; ++i)
      y[i] = result[row * s.padded_value_width + i] * factor;
  }
  for (int64_t row = 0; row < kQueryBlock; row += static_cast<int64_t>(hn::Lanes(d))) {
    hn::Store(hn::Add(hn::Load(d, largest + row), hn::Log(d, hn::Load(d, sums + row))), d,
              sums + row);
  }
  std::copy(sums, sums + queries, h.log_sum + h.first_query);
}

template <typename T>
void forward(const AttentionHead<T>& h) {
  const TileShape<T> s(h);
  AttentionHead<T> tile = h;
  for (; tile.first_query < h.end_query; tile.first_query += s.queries()) {
    tile.end_query = std::min(h.end_query, tile.first_query + s.queries());
    forward_tile(tile, s);
  }
}

template <typename T>
void backward(const AttentionHead<T>& h) {
  alignas(64) char memory[kStackBytes + (64 << 10)];
  Stack stack(memory);
  const TileShape<T> s(h);
  const int64_t width = s.padded_width, value_width = s.padded_value_width;
  T* q = stack.take<T>(s.queries() * s.width);
  T* q_panels = stack.take<T>(s.queries() * width);
  T* dy = stack.take<T>(s.queries() * s.value_width);
  T* dy_panels = stack.take<T>(s.queries() * value_width);
  T* k_transposed = stack.take<T>(s.keys * s.width);
  T* k_panels = stack.take<T>(s.keys * width);
  T* v_transposed = stack.take<T>(s.keys * s.value_width);
  T* scores = stack.take<T>(s.queries() * s.keys);
  T* dp = stack.take<T>(s.queries() * s.keys);
  T* dq = stack.take<T>(s.queries() * width);
  T* dk = stack.take<T>(s.keys * width);
  T* dv = stack.take<T>(s.keys * value_width);
  for (int64_t key = 0; key < h.keys; key += s.keys) {
    const int64_t count = std::min(s.keys, h.keys - key);
    const int64_t columns = round_up(count, std::max(panel<T>(), kRowStep));
    const int64_t key_rows = round_up(count, kRowStep);
    transpose_to_panels(h.k + key * h.k_stride, h.k_stride, count, s.width, k_transposed);
    transpose_to_panels(h.v + key * h.v_stride, h.v_stride, count, s.value_width, v_transposed);
    copy_to_panels(h.k + key * h.k_stride, h.k_stride, count, s.width, T{1}, panel<T>(), k_panels);
    std::fill(dk, dk + key_rows * width, T{0});
    std::fill(dv, dv + key_rows * value_width, T{0});
    for (int64_t query = 0; query < h.end_query; query += s.queries()) {
      const int64_t end = std::min(h.end_query, query + s.queries());
      if (hidden_by_causality(h, key, end)) continue;
      const int64_t queries = end - query;
      const int64_t rows = round_up(queries, kRowStep);
      copy_rows(h.q + query * h.q_stride, h.q_stride, queries, s.width, h.scale, q, rows);
      copy_rows(h.dy + query * h.y_stride, h.y_stride, queries, s.value_width, T{1}, dy, rows);
      copy_to_panels(h.q + query * h.q_stride, h.q_stride, queries, s.width, h.scale, panel<T>(),
                     q_panels);
      copy_to_panels(h.dy + query * h.y_stride, h.y_stride, queries, s.value_width, T{1},
                     panel<T>(), dy_panels);
      product<false>(q, s.width, k_transposed, scores, columns, rows, s.width, columns, false);
      product<false>(dy, s.value_width, v_transposed, dp, columns, rows, s.value_width, columns,
                     false);
      for (int64_t row = 0; row < queries; ++row) {
        mask_row(h, query + row, key, count, columns, scores + row * columns);
        softmax_gradient(h, query + row, columns, scores + row * columns, dp + row * columns);
      }
      product<false>(dp, columns, k_panels, dq, width, rows, count, width, false);
      product<true>(scores, columns, dy_panels, dv, value_width, key_rows, queries, value_width,
                    true);
      product<true>(dp, columns, q_panels, dk, width, key_rows, queries, width, true);
      for (int64_t row = 0; row < queries; ++row) {
        T* to = h.dq + (query + row) * h.q_stride;
        const T* from = dq + row * width;
        for (int64_t i = 0; i < s.width; ++i) to[i] = (key == 0 ? T{0} : to[i]) + h.scale * from[i];
      }
    }
    // The copy of q was scaled, so dk is the scaled scores' already.
    for (int64_t row = 0; row < count; ++row) {
      std::copy_n(dk + row * width, s.width, h.dk + (key + row) * h.k_stride);
      std::copy_n(dv + row * value_width, s.value_width, h.dv + (key + row) * h.v_stride);
    }
  }
}

void forward_float(const AttentionHead<float>& h) { forward(h); }
void forward_double(const AttentionHead<double>& h) { forward(h); }
void backward_float(const AttentionHead<float>& h) { backward(h); }
void backward_double(const AttentionHead<double>& h) { backward(h); }

}  // namespace HWY_NAMESPACE
}  // namespace sinew::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sinew::cpu {

HWY_EXPORT(forward_float);
HWY_EXPORT(forward_double);
HWY_EXPORT(backward_float);
HWY_EXPORT(backward_double);

void attention_forward(const AttentionHead<float>& h) { HWY_DYNAMIC_DISPATCH(forward_float)(h); }
void attention_forward(const AttentionHead<double>& h) { HWY_DYNAMIC_DISPATCH(forward_double)(h); }
void attention_backward(const AttentionHead<float>& h) { HWY_DYNAMIC_DISPATCH(backward_float)(h); }
void attention_backward(const AttentionHead<double>& h) {
  HWY_DYNAMIC_DISPATCH(backward_double)(h);
}

}  // namespace sinew::cpu
#endif
