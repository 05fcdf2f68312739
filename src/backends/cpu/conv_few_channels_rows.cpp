// A block of P pixels times F vectors of filters.
//
// Forward keeps the block's sums in registers over all taps (kh kw c, 9 for a grey 3x3): a tap
// costs F loads of weights and P broadcasts of input for P F multiply-adds. The last block of a row
// is shifted to end with the row and computes some pixels twice.
//
// The filter's gradient keeps the block of dy in registers instead, and goes over the taps: each
// loads F sums from the first-level cache, adds P F products and stores them.
//
// With 32 vector registers F = 2 and P <= 13 (26 sums, 2 weights, 1 broadcast); with 16, F = 1. So
// multiply-adds are the bound, as long as rows stay in the first-level cache.

#include "backends/cpu/conv_few_channels_rows.h"

#include <algorithm>
#include <type_traits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/conv_few_channels_rows.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#include "backends/cpu/partial-inl.h"

HWY_BEFORE_NAMESPACE();
namespace sinew::cpu {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

constexpr bool kManyRegisters = HWY_TARGET == HWY_AVX3;
constexpr int kSizes[] = {13, 11, 8, 4, 2, 1};

template <int P, int F, class Part>
void forward_block(const FewChannelsRow& row, int64_t pixel, Part part, const float* HWY_RESTRICT w,
                   const float* HWY_RESTRICT bias, bool relu, float* HWY_RESTRICT y) {
  const D d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const int64_t filters = row.filters;
  V sums[P][F];
#pragma GCC unroll 2
  for (int f = 0; f < F; ++f) {
    const V start = bias ? part.load(bias + f * lanes) : hn::Zero(d);
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) sums[p][f] = start;
  }
  for (int64_t u = 0; u < row.kernel_rows; ++u) {
    const float* x = row.rows[u] + pixel * row.step;
    for (int64_t t = 0; t < row.taps; ++t, ++x, w += filters) {
      V weights[F];
#pragma GCC unroll 2
      for (int f = 0; f < F; ++f) weights[f] = part.load(w + f * lanes);
#pragma GCC unroll 16
      for (int p = 0; p < P; ++p) {
        const V value = hn::Set(d, x[p * row.step]);
#pragma GCC unroll 2
        for (int f = 0; f < F; ++f) sums[p][f] = hn::MulAdd(value, weights[f], sums[p][f]);
      }
    }
  }
  const V zero = hn::Zero(d);
#pragma GCC unroll 16
  for (int p = 0; p < P; ++p) {
#pragma GCC unroll 2
    for (int f = 0; f < F; ++f) {
      V value = sums[p][f];
      // Not Max, which would turn NaN into 0.
      if (relu) value = hn::IfThenElse(hn::Lt(value, zero), zero, value);
      part.store(value, y + (pixel + p) * filters + f * lanes);
    }
  }
}

template <int P, int F, class Part>
void filter_block(const FewChannelsRow& row, int64_t pixel, Part part, const float* HWY_RESTRICT dy,
                  float* HWY_RESTRICT dw, float* HWY_RESTRICT db) {
  const D d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const int64_t filters = row.filters;
  V gradients[P][F];
#pragma GCC unroll 2
  for (int f = 0; f < F; ++f) {
    V sum = hn::Zero(d);
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) {
      gradients[p][f] = part.load(dy + (pixel + p) * filters + f * lanes);
      sum = hn::Add(sum, gradients[p][f]);
    }
    if (db) {
      float* to = db + f * lanes;
      part.store(hn::Add(part.load(to), sum), to);
    }
  }
  for (int64_t u = 0; u < row.kernel_rows; ++u) {
    const float* x = row.rows[u] + pixel * row.step;
    for (int64_t t = 0; t < row.taps; ++t, ++x, dw += filters) {
      V sums[F];
#pragma GCC unroll 2
      for (int f = 0; f < F; ++f) sums[f] = part.load(dw + f * lanes);
#pragma GCC unroll 16
      for (int p = 0; p < P; ++p) {
        const V value = hn::Set(d, x[p * row.step]);
#pragma GCC unroll 2
        for (int f = 0; f < F; ++f) sums[f] = hn::MulAdd(value, gradients[p][f], sums[f]);
      }
#pragma GCC unroll 2
      for (int f = 0; f < F; ++f) part.store(sums[f], dw + f * lanes);
    }
  }
}

/// Calls body(std::integral_constant<int, P>) for the size P.
template <class Body>
HWY_INLINE void with_size(int size, const Body& body) {
  switch (size) {
    case 13:
      return body(std::integral_constant<int, 13>());
    case 11:
      return body(std::integral_constant<int, 11>());
    case 8:
      return body(std::integral_constant<int, 8>());
    case 4:
      return body(std::integral_constant<int, 4>());
    case 2:
      return body(std::integral_constant<int, 2>());
    default:
      return body(std::integral_constant<int, 1>());
  }
}

/// Calls body(first filter, number of vectors, which lanes) for blocks of filters that cover them.
template <class Body>
HWY_INLINE void each_filter_block(int64_t filters, const Body& body) {
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(D()));
  int64_t o = 0;
  if constexpr (kManyRegisters) {
    for (; o + 2 * lanes <= filters; o += 2 * lanes)
      body(o, std::integral_constant<int, 2>(), Whole<D>());
  }
  for (; o + lanes <= filters; o += lanes) body(o, std::integral_constant<int, 1>(), Whole<D>());
  if (o < filters) body(o, std::integral_constant<int, 1>(), Partial<D>(filters - o));
}

void forward(const FewChannelsRow& row, const float* w, const float* bias, bool relu, float* y) {
  // A block costs its pixels and about two more for its weights.
  int size = 1;
  int64_t best = 3 * row.pixels;
  for (int candidate : kSizes) {
    if (candidate > row.pixels) continue;
    const int64_t cost = (row.pixels + candidate - 1) / candidate * (candidate + 2);
    if (cost < best) {
      best = cost;
      size = candidate;
    }
  }
  each_filter_block(row.filters, [&](int64_t o, auto vectors, auto part) {
    with_size(size, [&](auto pixels) {
      for (int64_t j = 0; j < row.pixels; j += size) {
        forward_block<decltype(pixels)::value, decltype(vectors)::value>(
            row, std::min(j, row.pixels - size), part, w + o, bias ? bias + o : nullptr, relu,
            y + o);
      }
    });
  });
}

void backward_filter(const FewChannelsRow& row, const float* dy, float* dw, float* db) {
  each_filter_block(row.filters, [&](int64_t o, auto vectors, auto part) {
    int64_t j = 0;
    for (int size : kSizes) {
      with_size(size, [&](auto pixels) {
        for (; j + size <= row.pixels; j += size) {
          filter_block<decltype(pixels)::value, decltype(vectors)::value>(
              row, j, part, dy + o, dw + o, db ? db + o : nullptr);
        }
      });
    }
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace sinew::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sinew::cpu {

HWY_EXPORT(forward);
HWY_EXPORT(backward_filter);

void few_channels_forward(const FewChannelsRow& row, const float* w, const float* bias, bool relu,
                          float* y) {
  HWY_DYNAMIC_DISPATCH(forward)(row, w, bias, relu, y);
}

void few_channels_backward_filter(const FewChannelsRow& row, const float* dy, float* dw,
                                  float* db) {
  HWY_DYNAMIC_DISPATCH(backward_filter)(row, dy, dw, db);
}

}  // namespace sinew::cpu
#endif
