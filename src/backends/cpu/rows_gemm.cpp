// A block of R rows times P panels of two vectors of columns stays in registers over the whole
// inner extent. With 8 rows and one panel: per inner step 2 loads of b, 8 broadcasts of a and 16
// fused multiply-adds, so the multiply-adds are the bound (16 vector registers: 4 rows). Fewer rows
// take more panels at a time, so that enough sums are on their way to hide the latency of an
// addition; one row is bound by reading b, from the second-level cache at 32 bytes a cycle.
//
// A panel of b (16 KB for an inner extent of 128) stays in the first-level cache over the rows; b
// as a whole (256 KB for 128 LSTM units) streams from the second-level cache once a call. Every
// element of c is summed in the order of the inner index, whatever the rows beside it, so results
// do not depend on how rows are grouped.

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

/// Puts two vectors of sums to their place in c, of which only `columns` are there.
template <class D, class V, typename T>
HWY_INLINE void put(D d, V left, V right, const RowsProduct<T>& p, T* c, const T* start,
                    int64_t columns) {
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const T* from = p.accumulate ? c : start;
  if (columns >= 2 * lanes) {
    if (from) {
      left = hn::Add(hn::LoadU(d, from), left);
      right = hn::Add(hn::LoadU(d, from + lanes), right);
    }
    hn::StoreU(left, d, c);
    hn::StoreU(right, d, c + lanes);
    return;
  }
  HWY_ALIGN T rest[2 * HWY_MAX_BYTES / sizeof(T)];
  hn::StoreU(left, d, rest);
  hn::StoreU(right, d, rest + lanes);
  for (int64_t j = 0; j < columns; ++j) c[j] = from ? from[j] + rest[j] : rest[j];
}

/// Where panels of a block lie: the first and the step to the next.
template <typename T>
struct Panels {
  const T* b;
  int64_t b_step;
  /// In c, and how many columns are there.
  int64_t column, column_step;
  int64_t columns, columns_step;
};

/// Rows [row, row + R) of P panels.
template <int R, int P, typename T>
void block(const RowsProduct<T>& p, int64_t row, const Panels<T>& panels) {
  const hn::ScalableTag<T> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  using V = hn::Vec<decltype(d)>;
  const T* HWY_RESTRICT a = p.a + row * p.a_row;
  const T* HWY_RESTRICT b = panels.b;
  const int64_t b_step = panels.b_step;
  const int64_t a_row = p.a_row;
  const int64_t b_inner = p.b_row ? p.b_row : 2 * lanes;
  V left[P][R];
  V right[P][R];
#pragma GCC unroll 8
  for (int q = 0; q < P; ++q) {
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) left[q][r] = right[q][r] = hn::Zero(d);
  }
  for (int64_t k = 0; k < p.inner; ++k, a += p.a_inner, b += b_inner) {
    V b0[P];
    V b1[P];
#pragma GCC unroll 8
    for (int q = 0; q < P; ++q) {
      b0[q] = hn::LoadU(d, b + q * b_step);
      b1[q] = hn::LoadU(d, b + q * b_step + lanes);
    }
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) {
      const V value = hn::Set(d, a[r * a_row]);
#pragma GCC unroll 8
      for (int q = 0; q < P; ++q) {
        left[q][r] = hn::MulAdd(value, b0[q], left[q][r]);
        right[q][r] = hn::MulAdd(value, b1[q], right[q][r]);
      }
    }
  }
#pragma GCC unroll 8
  for (int q = 0; q < P; ++q) {
    const int64_t j = panels.column + q * panels.column_step;
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) {
      put(d, left[q][r], right[q][r], p, p.c + (row + r) * p.c_row + j,
          p.start ? p.start + j : nullptr, panels.columns - q * panels.columns_step);
    }
  }
}

/// Panels that lie side by side from column `j` of a group.
template <typename T>
Panels<T> beside(const RowsProduct<T>& p, int64_t group, int64_t j) {
  const int64_t width = panel<T>();
  const int64_t column = p.b_column();
  return {p.b + group * p.b_group + j * column,
          width * column,
          group * p.c_group + j,
          width,
          p.columns - j,
          width};
}

/// Panels of the same columns in several groups.
template <typename T>
Panels<T> across(const RowsProduct<T>& p, int64_t group, int64_t j) {
  return {p.b + group * p.b_group + j * p.b_column(),
          p.b_group,
          group * p.c_group + j,
          p.c_group,
          p.columns - j,
          0};
}

/// R rows over all columns, P panels at a time.
template <int R, int P, typename T>
void few_rows(const RowsProduct<T>& p, int64_t row) {
  const int64_t width = panel<T>();
  int64_t group = 0;
  for (; p.groups > 1 && group + P <= p.groups; group += P) {
    for (int64_t j = 0; j < p.columns; j += width) block<R, P>(p, row, across(p, group, j));
  }
  for (; group < p.groups; ++group) {
    int64_t j = 0;
    for (; j + P * width <= p.columns; j += P * width) block<R, P>(p, row, beside(p, group, j));
    for (; j < p.columns; j += width) block<R, 1>(p, row, beside(p, group, j));
  }
}

template <typename T>
void gemm(const RowsProduct<T>& p) {
  constexpr int kRows = HWY_TARGET == HWY_AVX3 ? 8 : 4;
  const int64_t whole = p.rows / kRows * kRows;
  for (int64_t group = 0; whole > 0 && group < p.groups; ++group) {
    for (int64_t j = 0; j < p.columns; j += panel<T>()) {
      for (int64_t r = 0; r < whole; r += kRows) block<kRows, 1>(p, r, beside(p, group, j));
    }
  }
  int64_t r = whole;
  if constexpr (kRows == 8) {
    for (; r + 4 <= p.rows; r += 4) few_rows<4, 2>(p, r);
  }
  for (; r + 2 <= p.rows; r += 2) few_rows<2, 2>(p, r);
  for (; r < p.rows; ++r) few_rows<1, 4>(p, r);
}

/// Panel `j / width` of b.
template <typename T>
void pack_panel(const T* b, int64_t inner, int64_t columns, int64_t row_stride,
                int64_t column_stride, int64_t j, T* HWY_RESTRICT to) {
  const hn::ScalableTag<T> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const int64_t width = 2 * lanes;
  const int64_t count = std::min(width, columns - j);
  if (column_stride == 1 && count == width) {
    for (int64_t k = 0; k < inner; ++k) {
      const T* from = b + k * row_stride + j;
      hn::StoreU(hn::LoadU(d, from), d, to + k * width);
      hn::StoreU(hn::LoadU(d, from + lanes), d, to + k * width + lanes);
    }
    return;
  }
  // Blocks of the inner extent, so that what is written stays in the first-level cache.
  constexpr int64_t kBlock = 64;
  for (int64_t begin = 0; begin < inner; begin += kBlock) {
    const int64_t end = std::min(inner, begin + kBlock);
    for (int64_t i = 0; i < width; ++i) {
      const T* from = b + (j + i) * column_stride;
      for (int64_t k = begin; k < end; ++k)
        to[k * width + i] = i < count ? from[k * row_stride] : T{0};
    }
  }
}

int64_t panel_float() { return panel<float>(); }
int64_t panel_double() { return panel<double>(); }
void gemm_float(const RowsProduct<float>& product) { gemm(product); }
void gemm_double(const RowsProduct<double>& product) { gemm(product); }
void pack_float(const float* b, int64_t inner, int64_t columns, int64_t row_stride,
                int64_t column_stride, int64_t j, float* to) {
  pack_panel(b, inner, columns, row_stride, column_stride, j, to);
}
void pack_double(const double* b, int64_t inner, int64_t columns, int64_t row_stride,
                 int64_t column_stride, int64_t j, double* to) {
  pack_panel(b, inner, columns, row_stride, column_stride, j, to);
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
HWY_EXPORT(pack_float);
HWY_EXPORT(pack_double);

template <typename T>
std::int64_t panel_width() {
  if constexpr (sizeof(T) == 4) {
    return HWY_DYNAMIC_DISPATCH(panel_float)();
  } else {
    return HWY_DYNAMIC_DISPATCH(panel_double)();
  }
}

template <typename T>
std::size_t packed_size(std::int64_t inner, std::int64_t columns) {
  const std::int64_t width = panel_width<T>();
  return static_cast<std::size_t>((columns + width - 1) / width * width * inner);
}

template <typename T>
BlockedLayout packed_layout(std::int64_t inner, std::int64_t columns, bool transposed) {
  const std::int64_t width = panel_width<T>();
  const BlockedLayout::Axis down = BlockedLayout::axis({{inner, width}});
  const BlockedLayout::Axis across =
      BlockedLayout::axis({{(columns + width - 1) / width, inner * width}, {width, 1}});
  const auto size = static_cast<std::int64_t>(packed_size<T>(inner, columns));
  return transposed ? BlockedLayout(DTypeOf<T>::value, {across, down}, size)
                    : BlockedLayout(DTypeOf<T>::value, {down, across}, size);
}

template <typename T>
void pack(const T* b, std::int64_t inner, std::int64_t columns, std::int64_t row_stride,
          std::int64_t column_stride, T* packed) {
  for (std::int64_t j = 0; j < columns; j += panel_width<T>()) {
    if constexpr (sizeof(T) == 4) {
      HWY_DYNAMIC_DISPATCH(pack_float)
      (b, inner, columns, row_stride, column_stride, j, packed + j * inner);
    } else {
      HWY_DYNAMIC_DISPATCH(pack_double)
      (b, inner, columns, row_stride, column_stride, j, packed + j * inner);
    }
  }
}

template <typename T>
void rows_gemm(const RowsProduct<T>& product) {
  if constexpr (sizeof(T) == 4) {
    HWY_DYNAMIC_DISPATCH(gemm_float)(product);
  } else {
    HWY_DYNAMIC_DISPATCH(gemm_double)(product);
  }
}

template std::int64_t panel_width<float>();
template std::int64_t panel_width<double>();
template std::size_t packed_size<float>(std::int64_t, std::int64_t);
template std::size_t packed_size<double>(std::int64_t, std::int64_t);
template BlockedLayout packed_layout<float>(std::int64_t, std::int64_t, bool);
template BlockedLayout packed_layout<double>(std::int64_t, std::int64_t, bool);
template void pack(const float*, std::int64_t, std::int64_t, std::int64_t, std::int64_t, float*);
template void pack(const double*, std::int64_t, std::int64_t, std::int64_t, std::int64_t, double*);
template void rows_gemm(const RowsProduct<float>&);
template void rows_gemm(const RowsProduct<double>&);

}  // namespace sinew::cpu
#endif
