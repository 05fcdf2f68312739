#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "backends/cpu/blocked_layout.h"

namespace sinew::cpu {

/// c = start + a b, or c += a b: the products of a recurrent layer, by the calling thread alone. b
/// is packed beforehand into panels of columns so that the inner loop reads it in order, or lies as
/// it is where it is read too few times to pay for that.
template <typename T>
struct RowsProduct {
  /// Elements of a (rows, inner) lie `a_row` and `a_inner` apart, so that a transposed one will do.
  const T* a;
  std::int64_t a_row, a_inner;
  const T* b;
  T* c;
  std::int64_t c_row;
  std::int64_t rows, inner, columns;
  bool accumulate = false;
  /// A row that every row of c starts with where it is not accumulated; null for zeros.
  const T* start = nullptr;
  /// Several b of those extents, `b_group` elements apart, whose results lie `c_group` columns
  /// apart: a few units' columns of each gate.
  std::int64_t groups = 1, b_group = 0, c_group = 0;
  /// Elements from one row of b to the next where it is not packed; columns are then whole panels.
  std::int64_t b_row = 0;
  /// Rows that b was packed with, where `inner` of them are read; 0 where all are.
  std::int64_t b_rows = 0;

  /// From one column of b to the next, in panels.
  std::int64_t b_column() const { return b_row ? 1 : b_rows ? b_rows : inner; }
};

template <typename T>
void rows_gemm(const RowsProduct<T>& product);

/// Columns of a panel.
template <typename T>
std::int64_t panel_width();
/// Elements that a packed b (inner, columns) takes.
template <typename T>
std::size_t packed_size(std::int64_t inner, std::int64_t columns);

/// Where a packed b's elements lie, seen as a matrix (inner, columns) or, transposed, as one
/// (columns, inner).
template <typename T>
BlockedLayout packed_layout(std::int64_t inner, std::int64_t columns, bool transposed);
/// Its name for an operand of that shape; see BlockedLayout::name_for().
template <typename T>
std::string packed_name(const Shape& operand, bool transposed) {
  const std::int64_t inner = operand[transposed ? 1 : 0], columns = operand[transposed ? 0 : 1];
  return packed_layout<T>(inner, columns, transposed).name_for(DTypeOf<T>::value, operand);
}

/// Packs by the calling thread. b has elements `row_stride` and `column_stride` apart, so that a
/// transposed matrix packs as well.
template <typename T>
void pack(const T* b, std::int64_t inner, std::int64_t columns, std::int64_t row_stride,
          std::int64_t column_stride, T* packed);

}  // namespace sinew::cpu
