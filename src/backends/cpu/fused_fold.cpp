// Folds of the fused loops. Numbers are first added lane by lane in the loop's dtype, at most some
// dozens a lane (the caller sees to it), then the lanes in float64: sums of float32 are as exact as
// if each had been added in float64 to within an ulp or two, for half the loads. One load a vector
// from the first-level cache beside the block's own, so a fold costs what an instruction does.

#include "backends/cpu/fused_fold.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/fused_fold.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sinew::cpu {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Fold = ops::FusedCode::Fold;

template <Fold kFold, typename T>
HWY_INLINE T step(T a, T b) {
  if constexpr (kFold == Fold::Sum) return a + b;
  if (a != a) return a;
  if (b != b) return b;
  if constexpr (kFold == Fold::Max) return b > a ? b : a;
  return b < a ? b : a;
}

template <Fold kFold, class V>
HWY_INLINE V step_vector(V a, V b) {
  if constexpr (kFold == Fold::Sum) {
    return hn::Add(a, b);
  } else {
    // Where b is NaN no comparison holds, so that the first choice keeps it.
    const auto keep_a = kFold == Fold::Max ? hn::Ge(a, b) : hn::Le(a, b);
    return hn::IfThenElse(hn::Eq(a, a), hn::IfThenElse(keep_a, a, b), a);
  }
}

template <Fold kFold, typename T>
void block_into_lanes(const T* block, int64_t count, T* lanes) {
  const hn::ScalableTag<T> d;
  const int64_t n = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + n <= count; i += n) {
    hn::StoreU(step_vector<kFold>(hn::LoadU(d, lanes + i), hn::LoadU(d, block + i)), d, lanes + i);
  }
  for (; i < count; ++i) lanes[i] = step<kFold>(lanes[i], block[i]);
}

template <class D>
HWY_INLINE hn::Vec<D> load_double(D d, const double* from) {
  return hn::LoadU(d, from);
}
template <class D>
HWY_INLINE hn::Vec<D> load_double(D d, const float* from) {
  return hn::PromoteTo(d, hn::LoadU(hn::Rebind<float, D>(), from));
}

/// Sixteen partial results whatever the vector's width, so that every instruction set folds in the
/// same order.
template <Fold kFold, typename T>
double all_of(const T* block, int64_t count) {
  constexpr int64_t kPartial = 16;
  using D = hn::CappedTag<double, 8>;
  const D d;
  constexpr int64_t kLanes = static_cast<int64_t>(hn::MaxLanes(d));
  constexpr int64_t kVectors = kPartial / kLanes;
  hn::Vec<D> vectors[kVectors];
  for (auto& vector : vectors) vector = hn::Set(d, fold_identity(kFold));
  int64_t i = 0;
  for (; i + kPartial <= count; i += kPartial) {
    for (int64_t v = 0; v < kVectors; ++v)
      vectors[v] = step_vector<kFold>(vectors[v], load_double(d, block + i + v * kLanes));
  }
  alignas(64) double partial[kPartial];
  for (int64_t v = 0; v < kVectors; ++v) hn::Store(vectors[v], d, partial + v * kLanes);
  for (int64_t k = 0; i + k < count; ++k)
    partial[k] = step<kFold>(partial[k], static_cast<double>(block[i + k]));
  for (int64_t half = kPartial / 2; half > 0; half /= 2) {
    for (int64_t k = 0; k < half; ++k) partial[k] = step<kFold>(partial[k], partial[k + half]);
  }
  return partial[0];
}

template <Fold kFold, typename T>
void rows_into(const T* lanes, int64_t rows, int64_t columns, double* into) {
  using D = hn::CappedTag<double, 8>;
  const D d;
  const int64_t n = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t row = 0; row < rows; ++row, lanes += columns) {
    int64_t i = 0;
    for (; i + n <= columns; i += n) {
      const auto sum = step_vector<kFold>(hn::LoadU(d, into + i), load_double(d, lanes + i));
      hn::StoreU(sum, d, into + i);
    }
    for (; i < columns; ++i) into[i] = step<kFold>(into[i], static_cast<double>(lanes[i]));
  }
}

template <typename Body>
void with_fold(Fold fold, const Body& body) {
  if (fold == Fold::Max) return body(std::integral_constant<Fold, Fold::Max>());
  if (fold == Fold::Min) return body(std::integral_constant<Fold, Fold::Min>());
  body(std::integral_constant<Fold, Fold::Sum>());
}

template <typename T>
void block_any(Fold fold, const T* block, int64_t count, T* lanes) {
  with_fold(fold, [&](auto kind) { block_into_lanes<decltype(kind)::value>(block, count, lanes); });
}
template <typename T>
double all_any(Fold fold, const T* block, int64_t count) {
  double result = 0;
  with_fold(fold, [&](auto kind) { result = all_of<decltype(kind)::value>(block, count); });
  return result;
}
template <typename T>
void rows_any(Fold fold, const T* lanes, int64_t rows, int64_t columns, double* into) {
  with_fold(fold, [&](auto kind) { rows_into<decltype(kind)::value>(lanes, rows, columns, into); });
}

void block_float(Fold fold, const float* block, int64_t count, float* lanes) {
  block_any(fold, block, count, lanes);
}
void block_double(Fold fold, const double* block, int64_t count, double* lanes) {
  block_any(fold, block, count, lanes);
}
double all_float(Fold fold, const float* block, int64_t count) {
  return all_any(fold, block, count);
}
double all_double(Fold fold, const double* block, int64_t count) {
  return all_any(fold, block, count);
}
void rows_float(Fold fold, const float* lanes, int64_t rows, int64_t columns, double* into) {
  rows_any(fold, lanes, rows, columns, into);
}
void rows_double(Fold fold, const double* lanes, int64_t rows, int64_t columns, double* into) {
  rows_any(fold, lanes, rows, columns, into);
}

}  // namespace HWY_NAMESPACE
}  // namespace sinew::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sinew::cpu {

HWY_EXPORT(block_float);
HWY_EXPORT(block_double);
HWY_EXPORT(all_float);
HWY_EXPORT(all_double);
HWY_EXPORT(rows_float);
HWY_EXPORT(rows_double);

using ops::FusedCode;

void fold_block(FusedCode::Fold fold, const float* block, std::int64_t count, float* lanes) {
  HWY_DYNAMIC_DISPATCH(block_float)(fold, block, count, lanes);
}
void fold_block(FusedCode::Fold fold, const double* block, std::int64_t count, double* lanes) {
  HWY_DYNAMIC_DISPATCH(block_double)(fold, block, count, lanes);
}
double fold_all(FusedCode::Fold fold, const float* block, std::int64_t count) {
  return HWY_DYNAMIC_DISPATCH(all_float)(fold, block, count);
}
double fold_all(FusedCode::Fold fold, const double* block, std::int64_t count) {
  return HWY_DYNAMIC_DISPATCH(all_double)(fold, block, count);
}
void fold_rows(FusedCode::Fold fold, const float* lanes, std::int64_t rows, std::int64_t columns,
               double* into) {
  HWY_DYNAMIC_DISPATCH(rows_float)(fold, lanes, rows, columns, into);
}
void fold_rows(FusedCode::Fold fold, const double* lanes, std::int64_t rows, std::int64_t columns,
               double* into) {
  HWY_DYNAMIC_DISPATCH(rows_double)(fold, lanes, rows, columns, into);
}

}  // namespace sinew::cpu
#endif
