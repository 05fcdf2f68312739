// The product inside the tiles of attention and of long products, and the copies that bring
// operands into its form.
//
// c (rows, columns) = a (rows, inner) b (inner, columns), b cut into panels of two vectors of
// columns, each contiguous: [panel][inner][2 vectors]. A block of 8 rows (4 with 16 registers)
// times a panel stays in registers over the whole inner extent, as in rows_gemm.cpp; a panel of b
// (inner x 128 bytes) stays in the first-level cache while all rows of a go past it. Rows are a
// multiple of kRowStep and columns of panel(), which the copies pad to.

// Included once for each instruction set.
#if defined(SINEW_TILE_PRODUCT_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef SINEW_TILE_PRODUCT_INL
#undef SINEW_TILE_PRODUCT_INL
#else
#define SINEW_TILE_PRODUCT_INL
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace sinew::cpu {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

constexpr int64_t kRowStep = 8;
constexpr int kBlockRows = HWY_TARGET == HWY_AVX3 ? 8 : 4;

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
  for (int64_t j = 0; j < columns; j += panel<T>()) {
    for (int64_t r = 0; r < rows; r += kBlockRows) {
      product_block<kBlockRows, kTransposed>(a + (kTransposed ? r : r * stride), stride,
                                             b + j * inner, c + r * c_stride + j, c_stride, inner,
                                             add);
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

/// A matrix of `rows` (inner) x `columns`, times `factor`, as panels of `width` columns.
template <typename T>
void copy_to_panels(const T* HWY_RESTRICT from, int64_t stride, int64_t rows, int64_t columns,
                    T factor, int64_t width, T* HWY_RESTRICT to) {
  for (int64_t j = 0; j < columns; j += width) {
    const int64_t count = std::min(width, columns - j);
    for (int64_t r = 0; r < rows; ++r, to += width) {
      for (int64_t c = 0; c < count; ++c) to[c] = factor * from[r * stride + j + c];
      std::fill(to + count, to + width, T{0});
    }
  }
}

/// to(c, r) = from(r, c) for a square of kSquare<T> a side.
#if HWY_TARGET == HWY_SCALAR
template <typename T>
constexpr int64_t kSquare = 1;

template <typename T>
HWY_INLINE void transpose_square(const T* from, int64_t, T* to, int64_t) {
  *to = *from;
}
#else
// 16 bytes, which every instruction set's vectors have.
template <typename T>
constexpr int64_t kSquare = 16 / sizeof(T);

HWY_INLINE void transpose_square(const float* from, int64_t stride, float* to, int64_t to_stride) {
  const hn::CappedTag<float, 4> d;
  const hn::Repartition<double, decltype(d)> pairs;
  const auto a = hn::LoadU(d, from), b = hn::LoadU(d, from + stride);
  const auto c = hn::LoadU(d, from + 2 * stride), e = hn::LoadU(d, from + 3 * stride);
  const auto ab_low = hn::BitCast(pairs, hn::InterleaveLower(d, a, b));
  const auto ab_high = hn::BitCast(pairs, hn::InterleaveUpper(d, a, b));
  const auto ce_low = hn::BitCast(pairs, hn::InterleaveLower(d, c, e));
  const auto ce_high = hn::BitCast(pairs, hn::InterleaveUpper(d, c, e));
  const auto put = [&](int64_t row, auto v) {
    hn::StoreU(hn::BitCast(d, v), d, to + row * to_stride);
  };
  put(0, hn::InterleaveLower(pairs, ab_low, ce_low));
  put(1, hn::InterleaveUpper(pairs, ab_low, ce_low));
  put(2, hn::InterleaveLower(pairs, ab_high, ce_high));
  put(3, hn::InterleaveUpper(pairs, ab_high, ce_high));
}

HWY_INLINE void transpose_square(const double* from, int64_t stride, double* to,
                                 int64_t to_stride) {
  const hn::CappedTag<double, 2> d;
  const auto a = hn::LoadU(d, from), b = hn::LoadU(d, from + stride);
  hn::StoreU(hn::InterleaveLower(d, a, b), d, to);
  hn::StoreU(hn::InterleaveUpper(d, a, b), d, to + to_stride);
}
#endif

/// The transpose of a matrix of `rows` x `columns` (inner) as panels of rows.
template <typename T>
void transpose_to_panels(const T* HWY_RESTRICT from, int64_t stride, int64_t rows, int64_t columns,
                         T* HWY_RESTRICT to) {
  const int64_t width = panel<T>();
  for (int64_t j = 0; j < rows; j += width, to += width * columns) {
    const int64_t count = std::min(width, rows - j);
    if (count < width) std::fill(to, to + width * columns, T{0});
    int64_t r = 0;
    for (; r + kSquare<T> <= count; r += kSquare<T>) {
      const T* square = from + (j + r) * stride;
      int64_t c = 0;
      for (; c + kSquare<T> <= columns; c += kSquare<T>)
        transpose_square(square + c, stride, to + c * width + r, width);
      for (; c < columns; ++c) {
        for (int64_t i = 0; i < kSquare<T>; ++i) to[c * width + r + i] = square[i * stride + c];
      }
    }
    for (; r < count; ++r) {
      for (int64_t c = 0; c < columns; ++c) to[c * width + r] = from[(j + r) * stride + c];
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace sinew::cpu
HWY_AFTER_NAMESPACE();

#endif
