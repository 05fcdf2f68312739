#pragma once

#include <cstdint>

#include "sinew/base/bfloat16.h"

namespace sinew::cpu {

/// Two neighbours along a sum: what a processor's instruction for bfloat16 multiplies and adds at
/// once.
using Pair = std::uint32_t;

/// Whether the processor has that instruction for vectors of 16 floats, and the compiler knew it.
bool multiplies_pairs();

/// to[k] = (first[k], second[k]) for k in [0, count), and pairs of zeros up to `padded`, a multiple
/// of 16. A null pointer stands for zeros.
void make_pairs(const BFloat16* first, const BFloat16* second, std::int64_t count,
                std::int64_t padded, Pair* to);

/// A part of x^T y, x and y being matrices of pairs whose rows are reached by two strides.
struct PairProduct {
  const Pair* x;
  const Pair* y;
  std::int64_t x_outer, x_inner, y_outer, y_inner;
  std::int64_t outer, inner;
};

/// How many columns of x are taken at once for so many of y, of which at most kPairColumns.
constexpr std::int64_t kPairColumns = 64;
constexpr std::int64_t pair_rows(std::int64_t y_columns) {
  return y_columns > 32 ? 4 : y_columns > 16 ? 8 : 16;
}
/// Adds columns [0, x_columns) of x times columns [0, y_columns) of y to `to`, whose rows lie
/// `stride` floats apart. Reads pair_rows(y_columns) columns of x and whole vectors of y.
void add_pair_product(const PairProduct& product, std::int64_t x_columns, std::int64_t y_columns,
                      float* to, std::int64_t stride);

/// to[k] += the sum of y's column k over all its rows.
void add_pair_sums(const PairProduct& product, std::int64_t y_columns, float* to);

}  // namespace sinew::cpu
