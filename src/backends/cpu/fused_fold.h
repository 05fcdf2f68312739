#pragma once

#include <cstdint>
#include <limits>

#include "ops/fused.h"

namespace sinew::cpu {

/// lanes[i] = fold(lanes[i], block[i]). NaN wins over any number, as in NumPy.
void fold_block(ops::FusedCode::Fold fold, const float* block, std::int64_t count, float* lanes);
void fold_block(ops::FusedCode::Fold fold, const double* block, std::int64_t count, double* lanes);

/// All of a block folded into one number, in float64 and in an order fixed by `count`.
double fold_all(ops::FusedCode::Fold fold, const float* block, std::int64_t count);
double fold_all(ops::FusedCode::Fold fold, const double* block, std::int64_t count);

/// into[i] = fold(into[i], lanes[row * columns + i]) for all rows in order.
void fold_rows(ops::FusedCode::Fold fold, const float* lanes, std::int64_t rows,
               std::int64_t columns, double* into);
void fold_rows(ops::FusedCode::Fold fold, const double* lanes, std::int64_t rows,
               std::int64_t columns, double* into);

inline double fold_two(ops::FusedCode::Fold fold, double a, double b) {
  if (fold == ops::FusedCode::Fold::Sum) return a + b;
  if (a != a || b != b) return a + b;
  if (fold == ops::FusedCode::Fold::Max) return b > a ? b : a;
  return b < a ? b : a;
}

inline double fold_identity(ops::FusedCode::Fold fold) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (fold == ops::FusedCode::Fold::Max) return -kInfinity;
  if (fold == ops::FusedCode::Fold::Min) return kInfinity;
  return 0;
}

}  // namespace sinew::cpu
