// A block of R rows times two vectors of columns stays in registers over the whole inner extent:
// per inner step 2 loads of b, R broadcasts of a and 2 R fused multiply-adds (R = 8 with 32 vector
// registers, 4 with 16), so the multiply-adds are the bound. b (256 KB for 128 LSTM units) streams
// from the second-level cache once per R rows: 64 bytes for every 2 R multiply-adds of 2 R vectors'
// lanes. Every element of c is summed in the order of the inner index, whatever the rows beside it,
// so results do not depend on how rows are grouped.

#include "backends/cpu/rows_gemm.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/rows_gemm.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sinew::cpu {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

template <typename T>
int64_t panel() {
  return 2 * static_cast<int64_t>(hn::Lanes(hn::ScalableTag<T>()));
}

template <int kRows, typename T>
HWY_INLINE void block(const T* HWY_RESTRICT a, int64_t lda, const T* HWY_RESTRICT b,
                      T* HWY_RESTRICT c, int64_t ldc, int64_t inner, int64_t columns) {
  const hn::ScalableTag<T> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  using V = hn::Vec<decltype(d)>;
  V left[kRows];
  V right[kRows];
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) left[r] = right[r] = hn::Zero(d);
  for (int64_t k = 0; k < inner; ++k) {
    const V b0 = hn::LoadU(d, b + k * 2 * lanes);
    const V b1 = hn::LoadU(d, b + k * 2 * lanes + lanes);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const V value = hn::Set(d, a[r * lda + k]);
      left[r] = hn::MulAdd(value, b0, left[r]);
      right[r] = hn::MulAdd(value, b1, right[r]);
    }
  }
  if (columns == 2 * lanes) {
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      T* to = c + r * ldc;
      hn::StoreU(hn::Add(hn::LoadU(d, to), left[r]), d, to);
      hn::StoreU(hn::Add(hn::LoadU(d, to + lanes), right[r]), d, to + lanes);
    }
    return;
  }
  HWY_ALIGN T rest[2 * HWY_MAX_BYTES / sizeof(T)];
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
    hn::StoreU(left[r], d, rest);
    hn::StoreU(right[r], d, rest + lanes);
    for (int64_t j = 0; j < columns; ++j) c[r * ldc + j] += rest[j];
  }
}

template <typename T>
void gemm(const T* a, int64_t lda, const T* packed, T* c, int64_t ldc, int64_t rows, int64_t inner,
          int64_t columns) {
  const int64_t width = panel<T>();
  constexpr int64_t kStep = HWY_TARGET == HWY_AVX3 ? 8 : 4;
  for (int64_t j = 0; j < columns; j += width) {
    const T* b = packed + j * inner;
    const int64_t count = columns - j < width ? columns - j : width;
    int64_t r = 0;
    for (; r + kStep <= rows; r += kStep)
      block<kStep>(a + r * lda, lda, b, c + r * ldc + j, ldc, inner, count);
    if (kStep == 8 && r + 4 <= rows) {
      block<4>(a + r * lda, lda, b, c + r * ldc + j, ldc, inner, count);
      r += 4;
    }
    for (; r < rows; ++r) block<1>(a + r * lda, lda, b, c + r * ldc + j, ldc, inner, count);
  }
}

int64_t panel_float() { return panel<float>(); }
int64_t panel_double() { return panel<double>(); }
void gemm_float(const float* a, int64_t lda, const float* packed, float* c, int64_t ldc,
                int64_t rows, int64_t inner, int64_t columns) {
  gemm(a, lda, packed, c, ldc, rows, inner, columns);
}
void gemm_double(const double* a, int64_t lda, const double* packed, double* c, int64_t ldc,
                 int64_t rows, int64_t inner, int64_t columns) {
  gemm(a, lda, packed, c, ldc, rows, inner, columns);
}

}  // namespace HWY_NAMESPACE
}  // namespace sinew::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sinew::cpu {

HWY_EXPORT(panel_float);
HWY_EXPORT(panel_double);
HWY_EXPORT(gemm_float);
HWY_EXPORT(gemm_double);

namespace {

template <typename T>
std::int64_t panel_width() {
  if constexpr (sizeof(T) == 4) {
    return HWY_DYNAMIC_DISPATCH(panel_float)();
  } else {
    return HWY_DYNAMIC_DISPATCH(panel_double)();
  }
}

}  // namespace

template <typename T>
std::size_t packed_size(std::int64_t inner, std::int64_t columns) {
  const std::int64_t width = panel_width<T>();
  return static_cast<std::size_t>((columns + width - 1) / width * width * inner);
}

template <typename T>
void pack(const T* b, std::int64_t inner, std::int64_t columns, std::int64_t row_stride,
          std::int64_t column_stride, T* packed) {
  const std::int64_t width = panel_width<T>();
  for (std::int64_t j = 0; j < columns; j += width) {
    for (std::int64_t k = 0; k < inner; ++k) {
      for (std::int64_t i = 0; i < width; ++i) {
        *packed++ = j + i < columns ? b[k * row_stride + (j + i) * column_stride] : T{0};
      }
    }
  }
}

template <typename T>
void rows_gemm(const T* a, std::int64_t lda, const T* packed, T* c, std::int64_t ldc,
               std::int64_t rows, std::int64_t inner, std::int64_t columns) {
  if constexpr (sizeof(T) == 4) {
    HWY_DYNAMIC_DISPATCH(gemm_float)(a, lda, packed, c, ldc, rows, inner, columns);
  } else {
    HWY_DYNAMIC_DISPATCH(gemm_double)(a, lda, packed, c, ldc, rows, inner, columns);
  }
}

template std::size_t packed_size<float>(std::int64_t, std::int64_t);
template std::size_t packed_size<double>(std::int64_t, std::int64_t);
template void pack(const float*, std::int64_t, std::int64_t, std::int64_t, std::int64_t, float*);
template void pack(const double*, std::int64_t, std::int64_t, std::int64_t, std::int64_t, double*);
template void rows_gemm(const float*, std::int64_t, const float*, float*, std::int64_t,
                        std::int64_t, std::int64_t, std::int64_t);
template void rows_gemm(const double*, std::int64_t, const double*, double*, std::int64_t,
                        std::int64_t, std::int64_t, std::int64_t);

}  // namespace sinew::cpu
#endif
