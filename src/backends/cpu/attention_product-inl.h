// The product inside attention's tiles, and the copies that bring operands into its form.
//
// c (rows, columns) = a (rows, inner) b (inner, columns), b cut into panels of two vectors of
// columns, each contiguous: [panel][inner][2 vectors]. A block of 8 rows (4 with 16 registers)
// times a panel stays in registers over the whole inner extent, as in rows_gemm.cpp; a panel of b
// (inner x 128 bytes) stays in the first-level cache while all rows of a go past it. Rows are a
// multiple of kRowStep and columns of panel(), which the copies pad to.

// Included once for each instruction set.
#if defined(SINEW_ATTENTION_PRODUCT_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef SINEW_ATTENTION_PRODUCT_INL
#undef SINEW_ATTENTION_PRODUCT_INL
#else
#define SINEW_ATTENTION_PRODUCT_INL
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace sinew::cpu {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

constexpr int64_t kRowStep = 8;

constexpr int64_t round_up(int64_t value, int64_t step) { return (value + step - 1) / step * step; }

template <typename T>
HWY_INLINE int64_t panel() {
  return 2 * static_cast<int64_t>(hn::Lanes(hn::ScalableTag<T>()));
}

/// a has its rows `stride` apart, or, transposed, its inner index.
template <int kRows, bool kTransposed, typename T>
HWY_INLINE void product_block(const T* HWY_RESTRICT a, int64_t stride, const T* HWY_RESTRICT b,
                              T* HWY_RESTRICT c, int64_t c_stride, int64_t inner, bool add) {
  const hn::ScalableTag<T> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  using V = hn::Vec<decltype(d)>;
  V left[kRows];
  V right[kRows];
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) left[r] = right[r] = hn::Zero(d);
  for (int64_t k = 0; k < inner; ++k) {
    const V b0 = hn::Load(d, b + k * 2 * lanes);
    const V b1 = hn::Load(d, b + k * 2 * lanes + lanes);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const V value = hn::Set(d, kTransposed ? a[k * stride + r] : a[r * stride + k]);
      left[r] = hn::MulAdd(value, b0, left[r]);
      right[r] = hn::MulAdd(value, b1, right[r]);
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
    T* to = c + r * c_stride;
    hn::Store(add ? hn::Add(hn::Load(d, to), left[r]) : left[r], d, to);
    hn::Store(add ? hn::Add(hn::Load(d, to + lanes), right[r]) : right[r], d, to + lanes);
  }
}

template <bool kTransposed, typename T>
void product(const T* a, int64_t stride, const T* b, T* c, int64_t c_stride, int64_t rows,
             int64_t inner, int64_t columns, bool add) {
  constexpr int kRows = HWY_TARGET == HWY_AVX3 ? 8 : 4;
  for (int64_t j = 0; j < columns; j += panel<T>()) {
    for (int64_t r = 0; r < rows; r += kRows) {
      product_block<kRows, kTransposed>(a + (kTransposed ? r : r * stride), stride, b + j * inner,
                                        c + r * c_stride + j, c_stride, inner, add);
    }
  }
}

/// Rows times `factor`, next to each other; zeros up to `padded_rows`.
template <typename T>
void copy_rows(const T* HWY_RESTRICT from, int64_t stride, int64_t rows, int64_t columns, T factor,
               T* HWY_RESTRICT to, int64_t padded_rows) {
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < columns; ++c) to[r * columns + c] = factor * from[r * stride + c];
  }
  std::fill(to + rows * columns, to + padded_rows * columns, T{0});
}

/// A matrix of `rows` (inner) x `columns`, times `factor`, as panels of columns.
template <typename T>
void copy_to_panels(const T* HWY_RESTRICT from, int64_t stride, int64_t rows, int64_t columns,
                    T factor, T* HWY_RESTRICT to) {
  const int64_t width = panel<T>();
  for (int64_t j = 0; j < columns; j += width) {
    const int64_t count = std::min(width, columns - j);
    for (int64_t r = 0; r < rows; ++r, to += width) {
      for (int64_t c = 0; c < count; ++c) to[c] = factor * from[r * stride + j + c];
      std::fill(to + count, to + width, T{0});
    }
  }
}

/// The transpose of a matrix of `rows` x `columns` (inner) as panels of rows.
template <typename T>
void transpose_to_panels(const T* HWY_RESTRICT from, int64_t stride, int64_t rows, int64_t columns,
                         T* HWY_RESTRICT to) {
  const int64_t width = panel<T>();
  for (int64_t j = 0; j < rows; j += width, to += width * columns) {
    const int64_t count = std::min(width, rows - j);
    if (count < width) std::fill(to, to + width * columns, T{0});
    for (int64_t r = 0; r < count; ++r) {
      for (int64_t c = 0; c < columns; ++c) to[c * width + r] = from[(j + r) * stride + c];
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace sinew::cpu
HWY_AFTER_NAMESPACE();

#endif
