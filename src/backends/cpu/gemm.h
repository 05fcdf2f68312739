#pragma once

#include <cstdint>

namespace sinew::cpu {

/// y (m, n) = op(a) op(b) + bias, float32, row-major without gaps; op transposes where it says so.
struct Gemm {
  std::int64_t m, n, k;
  bool transpose_a, transpose_b;
  bool relu;

  /// Rows and columns of y that one task makes: fixed by the shape, at least eight tasks where y is
  /// large enough.
  std::int64_t tile_rows() const;
  std::int64_t tile_columns() const;
  std::int64_t tasks() const;
};

struct GemmOperands {
  const float *a, *b, *bias;
  float* y;
};

/// One tile. Its elements are summed in the order of the inner index, so that the bits depend on
/// the shape alone.
void gemm_tile(const Gemm& gemm, const GemmOperands& operands, std::int64_t task);

}  // namespace sinew::cpu
