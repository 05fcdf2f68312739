// What attention does with a row of a tile of scores: masks, softmax and its gradient.

// Included once for each instruction set.
#if defined(SINEW_ATTENTION_SOFTMAX_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef SINEW_ATTENTION_SOFTMAX_INL
#undef SINEW_ATTENTION_SOFTMAX_INL
#else
#define SINEW_ATTENTION_SOFTMAX_INL
#endif

#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "backends/cpu/attention_tiles.h"
#include "ops/attention_limits.h"

HWY_BEFORE_NAMESPACE();
namespace sinew::cpu {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// exp(x) for x up to 0 and a little more, 0 where it is no normal number and NaN for NaN. In float
/// 2^n p(r) with x = n log(2) + r: the sum with a large number leaves n, ready for the exponent's
/// place, in its low bits, which costs half of what an exponential of any argument does. p is
/// Cephes's expf (Moshier), within 2 ulp.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V exponential(D d, V x) {
  if constexpr (sizeof(hn::TFromD<D>) == 8) {
    return hn::IfThenElse(hn::Eq(x, x), hn::Exp(d, x), x);
  } else {
    const hn::RebindToSigned<D> bits;
    const auto shift = hn::Set(d, 12582912.0f + 127.0f);  // 1.5 * 2^23 + the exponent's bias.
    const auto shifted = hn::MulAdd(x, hn::Set(d, 1.44269504f), shift);
    const auto n = hn::Sub(shifted, shift);
    auto r = hn::NegMulAdd(n, hn::Set(d, 0.693359375f), x);
    r = hn::NegMulAdd(n, hn::Set(d, -2.12194440e-4f), r);
    auto p = hn::Set(d, 1.9875691500e-4f);
    for (float k : {1.3981999507e-3f, 8.3334519073e-3f, 4.1665795894e-2f, 1.6666665459e-1f,
                    5.0000001201e-1f, 1.0f, 1.0f}) {
      p = hn::MulAdd(p, r, hn::Set(d, k));
    }
    const auto scale = hn::BitCast(d, hn::ShiftLeft<23>(hn::BitCast(bits, shifted)));
    return hn::IfThenZeroElse(hn::Lt(x, hn::Set(d, -87.33f)), hn::Mul(p, scale));
  }
}

/// Scores of one query against keys [first_key, first_key + count): masks, and nothing behind them.
/// Returns whether a mask hides any.
template <typename T>
void mask_row(const AttentionHead<T>& h, int64_t query, int64_t first_key, int64_t count,
              int64_t padded, T* row) {
  const T hidden =
      static_cast<T>(ops::hidden_score(sizeof(T) == 8 ? DType::Float64 : DType::Float32));
  if (h.visible) {
    const uint8_t* visible =
        h.visible + query * h.mask_query_stride + first_key * h.mask_key_stride;
    for (int64_t s = 0; s < count; ++s) row[s] = visible[s * h.mask_key_stride] ? row[s] : hidden;
  } else if (h.added) {
    const T* added = h.added + query * h.mask_query_stride + first_key * h.mask_key_stride;
    for (int64_t s = 0; s < count; ++s) row[s] += added[s * h.mask_key_stride];
  }
  if (h.causal) {
    for (int64_t s = std::max<int64_t>(0, query + 1 - first_key); s < count; ++s) row[s] = hidden;
  }
  for (int64_t s = count; s < padded; ++s) row[s] = -std::numeric_limits<T>::infinity();
}

/// Whether causality alone hides all keys from `first_key` on from all queries before `end`. With a
/// mask, hidden keys count where nothing else is visible, so none are left out.
template <typename T>
bool hidden_by_causality(const AttentionHead<T>& h, int64_t first_key, int64_t end) {
  return h.causal && !h.visible && !h.added && first_key >= end;
}

/// Scores -> exp(scores - maximum), with the running maximum and sum of each row and its result so
/// far kept up to date.
template <typename T>
void softmax_step(T* scores, int64_t columns, int64_t row, T* largest, T* sums, T* result,
                  int64_t result_width) {
  const hn::ScalableTag<T> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  auto top = hn::Set(d, largest[row]);
  for (int64_t s = 0; s < columns; s += lanes) top = hn::Max(top, hn::Load(d, scores + s));
  const T now = hn::GetLane(hn::MaxOfLanes(d, top));
  if (now != largest[row] && sums[row] != T{0}) {
    const T factor = std::exp(largest[row] - now);
    sums[row] *= factor;
    for (int64_t i = 0; i < result_width; ++i) result[i] *= factor;
  }
  largest[row] = now;
  auto sum = hn::Zero(d);
  for (int64_t s = 0; s < columns; s += lanes) {
    const auto p = exponential(d, hn::Sub(hn::Load(d, scores + s), hn::Set(d, now)));
    hn::Store(p, d, scores + s);
    sum = hn::Add(sum, p);
  }
  sums[row] += hn::GetLane(hn::SumOfLanes(d, sum));
}

/// A row of scores and of dp -> p and ds = p (dp - delta).
template <typename T>
void softmax_gradient(const AttentionHead<T>& h, int64_t query, int64_t columns, T* scores, T* dp) {
  const hn::ScalableTag<T> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const T* y = h.y + query * h.y_stride;
  const T* dy = h.dy + query * h.y_stride;
  auto sum = hn::Zero(d);
  int64_t i = 0;
  for (; i + lanes <= h.value_width; i += lanes)
    sum = hn::MulAdd(hn::LoadU(d, y + i), hn::LoadU(d, dy + i), sum);
  T delta = hn::GetLane(hn::SumOfLanes(d, sum));
  for (; i < h.value_width; ++i) delta += y[i] * dy[i];
  // Where a mask hides all keys, the weights are alike and the scores without influence; the
  // log-sum-exp is too large a number to hold log(keys).
  const T hidden =
      static_cast<T>(ops::hidden_score(sizeof(T) == 8 ? DType::Float64 : DType::Float32));
  const bool none_visible = h.log_sum[query] < hidden / 2;
  const auto factor = hn::Set(d, none_visible ? T{1} / static_cast<T>(h.keys) : T{1});
  const auto slope = hn::Set(d, none_visible ? T{0} : T{1});
  for (int64_t s = 0; s < columns; s += lanes) {
    const auto shifted = hn::Sub(hn::Load(d, scores + s), hn::Set(d, h.log_sum[query]));
    const auto p = hn::Mul(exponential(d, shifted), factor);
    hn::Store(p, d, scores + s);
    const auto centered = hn::Mul(hn::Sub(hn::Load(d, dp + s), hn::Set(d, delta)), slope);
    hn::Store(hn::Mul(p, centered), d, dp + s);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace sinew::cpu
HWY_AFTER_NAMESPACE();

#endif
