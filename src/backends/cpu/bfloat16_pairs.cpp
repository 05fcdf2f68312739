// AVX512-BF16's VDPBF16PS: sums of two products of bfloat16, added to float32, 64 FLOPs an
// instruction, one a cycle on Zen 4. Highway 1.0 has no function for it, hence intrinsics.
//
// The tile is 4 x 64 accumulators (16 registers): a row of pairs takes 4 loads of y and 4
// broadcasts for 16 multiplications, so these are what bounds it. Narrower results of one or two
// vectors take 8 or 16 rows at once for the same reason: at least 8 chains of sums hide the
// instruction's 6 cycles.

#include "backends/cpu/bfloat16_pairs.h"

#include <algorithm>

#if defined(__x86_64__)
#include <immintrin.h>
#define SINEW_PAIRS __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16")))
#endif

namespace sinew::cpu {

#if defined(__x86_64__)

bool multiplies_pairs() {
  return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512bf16");
}

namespace {

SINEW_PAIRS __m512i load_halves(const BFloat16* from, __mmask16 mask) {
  if (!from) return _mm512_setzero_si512();
  return _mm512_maskz_cvtepu16_epi32(mask, _mm256_maskz_loadu_epi16(mask, from));
}

__mmask16 first_lanes(std::int64_t count) {
  return static_cast<__mmask16>(count >= 16 ? 0xffff : (1 << std::max<std::int64_t>(0, count)) - 1);
}

template <int kRows, int kVectors>
SINEW_PAIRS void add_tile(const PairProduct& p, std::int64_t x_columns, std::int64_t y_columns,
                          float* to, std::int64_t stride) {
  __m512 sum[kRows][kVectors];
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) sum[r][v] = _mm512_setzero_ps();
  }
  for (std::int64_t i = 0; i < p.outer; ++i) {
    const Pair* x = p.x + i * p.x_outer;
    const Pair* y = p.y + i * p.y_outer;
    for (std::int64_t k = 0; k < p.inner; ++k, x += p.x_inner, y += p.y_inner) {
      __m512bh row[kVectors];
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v)
        row[v] = reinterpret_cast<__m512bh>(_mm512_loadu_si512(y + v * 16));
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r) {
        const auto all = reinterpret_cast<__m512bh>(_mm512_set1_epi32(static_cast<int>(x[r])));
#pragma GCC unroll 4
        for (int v = 0; v < kVectors; ++v) sum[r][v] = _mm512_dpbf16_ps(sum[r][v], all, row[v]);
      }
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      const __mmask16 mask = r < x_columns ? first_lanes(y_columns - v * 16) : __mmask16{0};
      float* place = to + r * stride + v * 16;
      _mm512_mask_storeu_ps(place, mask,
                            _mm512_add_ps(_mm512_maskz_loadu_ps(mask, place), sum[r][v]));
    }
  }
}

}  // namespace

SINEW_PAIRS void make_pairs(const BFloat16* first, const BFloat16* second, std::int64_t count,
                            std::int64_t padded, Pair* to) {
  for (std::int64_t k = 0; k < padded; k += 16) {
    const __mmask16 mask = first_lanes(count - k);
    const __m512i low = load_halves(first ? first + k : nullptr, mask);
    const __m512i high = load_halves(second ? second + k : nullptr, mask);
    _mm512_storeu_si512(to + k, _mm512_or_si512(low, _mm512_maskz_slli_epi32(0xffff, high, 16)));
  }
}

void add_pair_product(const PairProduct& product, std::int64_t x_columns, std::int64_t y_columns,
                      float* to, std::int64_t stride) {
  const auto tile = y_columns > 48   ? add_tile<4, 4>
                    : y_columns > 32 ? add_tile<4, 3>
                    : y_columns > 16 ? add_tile<8, 2>
                                     : add_tile<16, 1>;
  tile(product, x_columns, y_columns, to, stride);
}

SINEW_PAIRS void add_pair_sums(const PairProduct& p, std::int64_t y_columns, float* to) {
  const auto ones = reinterpret_cast<__m512bh>(_mm512_set1_epi32(0x3f803f80));
  for (std::int64_t column = 0; column < y_columns; column += 16) {
    const __mmask16 mask = first_lanes(y_columns - column);
    __m512 sum = _mm512_maskz_loadu_ps(mask, to + column);
    for (std::int64_t i = 0; i < p.outer; ++i) {
      const Pair* y = p.y + i * p.y_outer + column;
      for (std::int64_t k = 0; k < p.inner; ++k, y += p.y_inner)
        sum = _mm512_dpbf16_ps(sum, reinterpret_cast<__m512bh>(_mm512_loadu_si512(y)), ones);
    }
    _mm512_mask_storeu_ps(to + column, mask, sum);
  }
}

#else

bool multiplies_pairs() { return false; }
void make_pairs(const BFloat16*, const BFloat16*, std::int64_t, std::int64_t, Pair*) {}
void add_pair_product(const PairProduct&, std::int64_t, std::int64_t, float*, std::int64_t) {}
void add_pair_sums(const PairProduct&, std::int64_t, float*) {}

#endif

}  // namespace sinew::cpu
