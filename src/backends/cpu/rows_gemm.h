#pragma once

#include <cstddef>
#include <cstdint>

namespace sinew::cpu {

/// c (rows, columns) += a (rows, inner) b, for few rows: the product of a recurrent step. b is
/// packed beforehand into panels of columns so that the inner loop reads it in order; a and c have
/// rows `lda` and `ldc` apart.

/// Elements that a packed b (inner, columns) takes.
template <typename T>
std::size_t packed_size(std::int64_t inner, std::int64_t columns);

/// b has elements `row_stride` and `column_stride` apart, so that a transposed matrix packs as
/// well.
template <typename T>
void pack(const T* b, std::int64_t inner, std::int64_t columns, std::int64_t row_stride,
          std::int64_t column_stride, T* packed);

template <typename T>
void rows_gemm(const T* a, std::int64_t lda, const T* packed, T* c, std::int64_t ldc,
               std::int64_t rows, std::int64_t inner, std::int64_t columns);

}  // namespace sinew::cpu
