// Loops over rows with the channels along the vectors: a block of up to four vectors of channels
// keeps its per-channel numbers in registers while the rows pass. Sums over rows go to several
// accumulators, four vectors in all, because an addition takes four cycles; the row modulo their
// number picks one, and they are added in order. Channels that fill no vector go one by one.

#include "backends/cpu/batch_norm_rows.h"

#include <type_traits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/batch_norm_rows.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include "backends/cpu/bfloat16_vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace sinew::cpu {
namespace HWY_NAMESPACE {

/// Calls body(d, blocks, first channel), blocks being the number of vectors of d, over all
/// channels.
template <typename T, class Body>
HWY_INLINE void each_block(int64_t channels, const Body& body) {
  const hn::ScalableTag<T> d;
  const hn::CappedTag<T, 1> one;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t c = 0;
  for (; c + 4 * lanes <= channels; c += 4 * lanes) body(d, std::integral_constant<int, 4>(), c);
  for (; c + 2 * lanes <= channels; c += 2 * lanes) body(d, std::integral_constant<int, 2>(), c);
  for (; c + lanes <= channels; c += lanes) body(d, std::integral_constant<int, 1>(), c);
  for (; c < channels; ++c) body(one, std::integral_constant<int, 1>(), c);
}

/// Adds term(result, position of the element, vector of the block) over the rows, for `kSums` sums.
template <int kSums, int kBlocks, class D, typename T, class Term>
HWY_INLINE void accumulate(D d, int64_t rows, int64_t channels, int64_t c, T* const (&to)[kSums],
                           const Term& term) {
  constexpr int kWays = kBlocks * kSums >= 4 ? 1 : 4 / (kBlocks * kSums);
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  hn::Vec<D> sums[kWays][kBlocks][kSums];
#pragma GCC unroll 4
  for (int way = 0; way < kWays; ++way) {
#pragma GCC unroll 4
    for (int block = 0; block < kBlocks; ++block) {
#pragma GCC unroll 2
      for (int s = 0; s < kSums; ++s) sums[way][block][s] = hn::Zero(d);
    }
  }
  int64_t row = 0;
  for (; row + kWays <= rows; row += kWays) {
#pragma GCC unroll 4
    for (int way = 0; way < kWays; ++way) {
#pragma GCC unroll 4
      for (int block = 0; block < kBlocks; ++block)
        term(sums[way][block], (row + way) * channels + c + block * lanes, block);
    }
  }
  for (; row < rows; ++row) {
#pragma GCC unroll 4
    for (int block = 0; block < kBlocks; ++block)
      term(sums[0][block], row * channels + c + block * lanes, block);
  }
#pragma GCC unroll 4
  for (int block = 0; block < kBlocks; ++block) {
#pragma GCC unroll 2
    for (int s = 0; s < kSums; ++s) {
      T* at = to[s] + c + block * lanes;
      auto sum = hn::LoadU(d, at);
#pragma GCC unroll 4
      for (int way = 0; way < kWays; ++way) sum = hn::Add(sum, sums[way][block][s]);
      hn::StoreU(sum, d, at);
    }
  }
}

template <typename T, typename S>
void sum_all(const S* x, int64_t rows, int64_t channels, T* sums) {
  each_block<T>(channels, [&](auto d, auto blocks, int64_t c) {
    constexpr int kBlocks = decltype(blocks)::value;
    accumulate<1, kBlocks>(d, rows, channels, c, {sums}, [&](auto& sum, int64_t at, int) {
      sum[0] = hn::Add(sum[0], load(d, x + at));
    });
  });
}

template <typename T, typename S>
void sum_squares(const S* x, int64_t rows, int64_t channels, const T* mean, T* squares) {
  each_block<T>(channels, [&](auto d, auto blocks, int64_t c) {
    constexpr int kBlocks = decltype(blocks)::value;
    const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
    hn::Vec<decltype(d)> means[kBlocks];
    for (int i = 0; i < kBlocks; ++i) means[i] = hn::LoadU(d, mean + c + i * lanes);
    accumulate<1, kBlocks>(d, rows, channels, c, {squares}, [&](auto& sum, int64_t at, int block) {
      const auto off = hn::Sub(load(d, x + at), means[block]);
      sum[0] = hn::MulAdd(off, off, sum[0]);
    });
  });
}

template <bool kResidual, bool kRelu, typename T, typename S>
void normalize(const NormalRows<T, S>& r, int64_t rows, int64_t channels) {
  each_block<T>(channels, [&](auto d, auto blocks, int64_t c) {
    constexpr int kBlocks = decltype(blocks)::value;
    const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
    hn::Vec<decltype(d)> mean[kBlocks], scale[kBlocks], shift[kBlocks];
#pragma GCC unroll 4
    for (int i = 0; i < kBlocks; ++i) {
      mean[i] = hn::LoadU(d, r.mean + c + i * lanes);
      scale[i] = hn::LoadU(d, r.scale + c + i * lanes);
      shift[i] = hn::LoadU(d, r.shift + c + i * lanes);
    }
    for (int64_t row = 0; row < rows; ++row) {
#pragma GCC unroll 4
      for (int i = 0; i < kBlocks; ++i) {
        const int64_t at = row * channels + c + i * lanes;
        auto y = hn::MulAdd(hn::Sub(load(d, r.x + at), mean[i]), scale[i], shift[i]);
        if constexpr (kResidual) y = hn::Add(y, load(d, r.residual + at));
        // A NaN stays one.
        if constexpr (kRelu) y = hn::IfThenElse(hn::Lt(y, hn::Zero(d)), hn::Zero(d), y);
        store(y, d, r.y + at);
      }
    }
  });
}

template <bool kMore, bool kMask, class D, typename T, typename S>
HWY_INLINE hn::Vec<D> counted(D d, const CotangentRows<T, S>& r, int64_t at) {
  auto g = load(d, r.dy + at);
  if constexpr (kMore) g = hn::Add(g, load(d, r.more + at));
  if constexpr (kMask) g = hn::IfThenElseZero(hn::Gt(load(d, r.positive + at), hn::Zero(d)), g);
  return g;
}

template <bool kMore, bool kMask, typename T, typename S>
void sum_cotangents(const CotangentRows<T, S>& r, int64_t rows, int64_t channels, T* sums,
                    T* products, S* masked) {
  each_block<T>(channels, [&](auto d, auto blocks, int64_t c) {
    constexpr int kBlocks = decltype(blocks)::value;
    const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
    hn::Vec<decltype(d)> mean[kBlocks];
    for (int i = 0; i < kBlocks; ++i) mean[i] = hn::LoadU(d, r.mean + c + i * lanes);
    const auto run = [&](auto writes) {
      accumulate<2, kBlocks>(d, rows, channels, c, {sums, products},
                             [&](auto& sum, int64_t at, int block) {
                               const auto g = counted<kMore, kMask>(d, r, at);
                               if constexpr (decltype(writes)::value) store(g, d, masked + at);
                               sum[0] = hn::Add(sum[0], g);
                               const auto off = hn::Sub(load(d, r.x + at), mean[block]);
                               sum[1] = hn::MulAdd(g, off, sum[1]);
                             });
    };
    if (masked) {
      run(std::true_type());
    } else {
      run(std::false_type());
    }
  });
}

template <bool kMore, bool kMask, typename T, typename S>
void cotangents(const CotangentRows<T, S>& r, int64_t rows, int64_t channels, const T* a,
                const T* b, const T* c_, S* dx) {
  each_block<T>(channels, [&](auto d, auto blocks, int64_t first) {
    constexpr int kBlocks = decltype(blocks)::value;
    const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
    hn::Vec<decltype(d)> mean[kBlocks], va[kBlocks], vb[kBlocks], vc[kBlocks];
#pragma GCC unroll 4
    for (int i = 0; i < kBlocks; ++i) {
      mean[i] = hn::LoadU(d, r.mean + first + i * lanes);
      va[i] = hn::LoadU(d, a + first + i * lanes);
      vb[i] = hn::LoadU(d, b + first + i * lanes);
      vc[i] = hn::LoadU(d, c_ + first + i * lanes);
    }
    for (int64_t row = 0; row < rows; ++row) {
#pragma GCC unroll 4
      for (int i = 0; i < kBlocks; ++i) {
        const int64_t at = row * channels + first + i * lanes;
        const auto off = hn::Sub(load(d, r.x + at), mean[i]);
        const auto rest = hn::MulAdd(vb[i], off, vc[i]);
        store(hn::MulAdd(va[i], counted<kMore, kMask>(d, r, at), rest), d, dx + at);
      }
    }
  });
}

/// Calls body with the two conditions as types.
template <class Body>
HWY_INLINE void with_flags(bool first, bool second, const Body& body) {
  if (first)
    return second ? body(std::true_type(), std::true_type())
                  : body(std::true_type(), std::false_type());
  return second ? body(std::false_type(), std::true_type())
                : body(std::false_type(), std::false_type());
}

template <typename T, typename S>
void normalize_all(const NormalRows<T, S>& r, int64_t rows, int64_t channels) {
  with_flags(r.residual != nullptr, r.relu, [&](auto residual, auto relu) {
    normalize<decltype(residual)::value, decltype(relu)::value>(r, rows, channels);
  });
}
template <typename T, typename S>
void sum_cotangents_all(const CotangentRows<T, S>& r, int64_t rows, int64_t channels, T* sums,
                        T* products, S* masked) {
  with_flags(r.more != nullptr, r.positive != nullptr, [&](auto more, auto mask) {
    sum_cotangents<decltype(more)::value, decltype(mask)::value>(r, rows, channels, sums, products,
                                                                 masked);
  });
}
template <typename T, typename S>
void cotangents_all(const CotangentRows<T, S>& r, int64_t rows, int64_t channels, const T* a,
                    const T* b, const T* c, S* dx) {
  with_flags(r.more != nullptr, r.positive != nullptr, [&](auto more, auto mask) {
    cotangents<decltype(more)::value, decltype(mask)::value>(r, rows, channels, a, b, c, dx);
  });
}

// Name, computing type, type in memory.
#define SINEW_EACH_TYPE(M) \
  M(float, float, float) M(double, double, double) M(narrow, float, BFloat16)
#define SINEW_DEFINE(NAME, T, S)                                                                \
  void sum_##NAME(const S* x, int64_t n, int64_t c, T* to) { sum_all(x, n, c, to); }            \
  void squares_##NAME(const S* x, int64_t n, int64_t c, const T* m, T* to) {                    \
    sum_squares(x, n, c, m, to);                                                                \
  }                                                                                             \
  void normalize_##NAME(const NormalRows<T, S>& r, int64_t n, int64_t c) {                      \
    normalize_all(r, n, c);                                                                     \
  }                                                                                             \
  void sums_##NAME(const CotangentRows<T, S>& r, int64_t n, int64_t c, T* s, T* p, S* masked) { \
    sum_cotangents_all(r, n, c, s, p, masked);                                                  \
  }                                                                                             \
  void cotangents_##NAME(const CotangentRows<T, S>& r, int64_t n, int64_t channels, const T* a, \
                         const T* b, const T* c, S* dx) {                                       \
    cotangents_all(r, n, channels, a, b, c, dx);                                                \
  }
SINEW_EACH_TYPE(SINEW_DEFINE)

}  // namespace HWY_NAMESPACE
}  // namespace sinew::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sinew::cpu {

#define SINEW_EXPORT(NAME, T, S)                                                                 \
  HWY_EXPORT(sum_##NAME);                                                                        \
  HWY_EXPORT(squares_##NAME);                                                                    \
  HWY_EXPORT(normalize_##NAME);                                                                  \
  HWY_EXPORT(sums_##NAME);                                                                       \
  HWY_EXPORT(cotangents_##NAME);                                                                 \
  template <>                                                                                    \
  void sum_rows(const S* x, std::int64_t n, std::int64_t c, T* sums) {                           \
    HWY_DYNAMIC_DISPATCH(sum_##NAME)(x, n, c, sums);                                             \
  }                                                                                              \
  template <>                                                                                    \
  void sum_square_rows(const S* x, std::int64_t n, std::int64_t c, const T* mean, T* squares) {  \
    HWY_DYNAMIC_DISPATCH(squares_##NAME)(x, n, c, mean, squares);                                \
  }                                                                                              \
  template <>                                                                                    \
  void normalize_rows(const NormalRows<T, S>& r, std::int64_t n, std::int64_t c) {               \
    HWY_DYNAMIC_DISPATCH(normalize_##NAME)(r, n, c);                                             \
  }                                                                                              \
  template <>                                                                                    \
  void sum_cotangent_rows(const CotangentRows<T, S>& r, std::int64_t n, std::int64_t c, T* sums, \
                          T* products, S* masked) {                                              \
    HWY_DYNAMIC_DISPATCH(sums_##NAME)(r, n, c, sums, products, masked);                          \
  }                                                                                              \
  template <>                                                                                    \
  void cotangent_rows(const CotangentRows<T, S>& r, std::int64_t n, std::int64_t channels,       \
                      const T* a, const T* b, const T* c, S* dx) {                               \
    HWY_DYNAMIC_DISPATCH(cotangents_##NAME)(r, n, channels, a, b, c, dx);                        \
  }
SINEW_EACH_TYPE(SINEW_EXPORT)

}  // namespace sinew::cpu
#endif
