// The interpreter's inner loops. Per instruction and vector: up to three loads, one operation, one
// store, all in the first-level cache, so a chain of n cheap instructions runs at about n vectors
// in 1.5 n cycles, while a chain of separate kernels would go through memory n times.
// Transcendentals are Highway's (1 to 4 ulp), wrapped to give what IEEE 754 asks at the ends of
// their ranges, and erf's Eigen's.

#include "backends/cpu/fused_block.h"

#include <cmath>
#include <limits>

#include "ops/elementwise_code.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/fused_block.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sinew::cpu {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using ops::Elementwise;

template <class D, class V = hn::Vec<D>>
V safe_exp(D d, V x) {
  using T = hn::TFromD<D>;
  const auto limit = hn::Set(d, static_cast<T>(sizeof(T) == 4 ? 88.722839 : 709.782712893384));
  const auto infinity = hn::Set(d, std::numeric_limits<T>::infinity());
  const auto result = hn::IfThenElse(hn::Gt(x, limit), infinity, hn::Exp(d, hn::Min(x, limit)));
  return hn::IfThenElse(hn::Eq(x, x), result, x);
}

template <class D, class V = hn::Vec<D>>
V safe_expm1(D d, V x) {
  using T = hn::TFromD<D>;
  const auto limit = hn::Set(d, static_cast<T>(sizeof(T) == 4 ? 88.0 : 709.0));
  const auto result =
      hn::IfThenElse(hn::Gt(x, limit), safe_exp(d, x), hn::Expm1(d, hn::Min(x, limit)));
  return hn::IfThenElse(hn::Eq(x, x), result, x);
}

/// `log` of y, where y = 0 gives -infinity, y < 0 or NaN gives NaN and infinity gives itself.
template <class D, class V = hn::Vec<D>>
V at_log_ends(D d, V y, V log) {
  using T = hn::TFromD<D>;
  const auto infinity = hn::Set(d, std::numeric_limits<T>::infinity());
  const auto zero = hn::Zero(d);
  auto result = hn::IfThenElse(hn::Eq(y, zero), hn::Neg(infinity), log);
  result = hn::IfThenElse(hn::Eq(y, infinity), infinity, result);
  return hn::IfThenElse(hn::Ge(y, zero), result, hn::Set(d, std::numeric_limits<T>::quiet_NaN()));
}

template <class D, class V = hn::Vec<D>>
V safe_log(D d, V x) {
  return at_log_ends(d, x, hn::Log(d, x));
}

template <class D, class V = hn::Vec<D>>
V safe_log1p(D d, V x) {
  using T = hn::TFromD<D>;
  return at_log_ends(d, hn::Add(x, hn::Set(d, T{1})), hn::Log1p(d, x));
}

template <class D, class V = hn::Vec<D>>
V safe_tanh(D d, V x) {
  using T = hn::TFromD<D>;
  const auto limit = hn::Set(d, T{20});
  const auto clamped = hn::Max(hn::Min(x, limit), hn::Neg(limit));
  return hn::IfThenElse(hn::Eq(x, x), hn::Tanh(d, clamped), x);
}

template <class D, class V = hn::Vec<D>>
V sigmoid(D d, V x) {
  using T = hn::TFromD<D>;
  const auto one = hn::Set(d, T{1});
  return hn::Div(one, hn::Add(one, safe_exp(d, hn::Neg(x))));
}

/// x p(x^2) / q(x^2), the minimax approximation of Eigen's generic_fast_erf_float, within 3 ulp of
/// float; beyond the limit erf rounds to 1.
template <class D, class V = hn::Vec<D>>
V fast_erf(D d, V x) {
  constexpr float kP[] = {2.8619796e-4f, 3.6580483e-3f, 5.2433021e-2f, 1.8741608e-1f, 1.1283791f};
  constexpr float kQ[] = {1.1432960e-3f, 1.4752088e-2f, 1.1294568e-1f, 4.9942580e-1f, 1.0f};
  const auto limit = hn::Set(d, 3.8325069f);
  const auto clamped = hn::Max(hn::Min(x, limit), hn::Neg(limit));
  const auto square = hn::Mul(clamped, clamped);
  auto p = hn::Set(d, 2.1237322e-6f);
  auto q = hn::Set(d, 3.8918573e-5f);
  for (float k : kP) p = hn::MulAdd(p, square, hn::Set(d, k));
  for (float k : kQ) q = hn::MulAdd(q, square, hn::Set(d, k));
  return hn::IfThenElse(hn::Eq(x, x), hn::Div(hn::Mul(clamped, p), q), x);
}

/// erf of one number after the other in double, where no approximation is good enough.
template <class D, class V = hn::Vec<D>>
V any_erf(D d, V x) {
  if constexpr (sizeof(hn::TFromD<D>) == 4) {
    return fast_erf(d, x);
  } else {
    HWY_ALIGN double lanes[HWY_MAX_BYTES / sizeof(double)];
    hn::Store(x, d, lanes);
    for (size_t i = 0; i < hn::Lanes(d); ++i) lanes[i] = std::erf(lanes[i]);
    return hn::Load(d, lanes);
  }
}

/// The normal distribution's cumulative function.
template <class D, class V = hn::Vec<D>>
V normal_share(D d, V x) {
  using T = hn::TFromD<D>;
  const auto half = hn::Set(d, static_cast<T>(0.5));
  const auto root = hn::Set(d, static_cast<T>(0.70710678118654752440));
  return hn::MulAdd(half, any_erf(d, hn::Mul(x, root)), half);
}

/// The derivative of x Phi(x): Phi(x) + x phi(x).
template <class D, class V = hn::Vec<D>>
V gelu_slope(D d, V x) {
  using T = hn::TFromD<D>;
  const auto exponent = hn::Mul(hn::Mul(x, x), hn::Set(d, static_cast<T>(-0.5)));
  const auto density =
      hn::Mul(safe_exp(d, exponent), hn::Set(d, static_cast<T>(0.39894228040143267794)));
  return hn::MulAdd(x, density, normal_share(d, x));
}

template <class D, typename T, class F>
void map1(D d, const BlockInstruction<T>& i, int64_t count, F f) {
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t k = 0; k < count; k += lanes) hn::StoreU(f(hn::LoadU(d, i.a + k)), d, i.out + k);
}

template <class D, typename T, class F>
void map2(D d, const BlockInstruction<T>& i, int64_t count, F f) {
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t k = 0; k < count; k += lanes) {
    hn::StoreU(f(hn::LoadU(d, i.a + k), hn::LoadU(d, i.b + k)), d, i.out + k);
  }
}

template <typename T, class F>
void scalar1(const BlockInstruction<T>& i, int64_t count, F f) {
  for (int64_t k = 0; k < count; ++k) i.out[k] = f(i.a[k]);
}

template <typename T>
void run_one(const BlockInstruction<T>& i, int64_t count) {
  const hn::ScalableTag<T> d;
  const auto one = hn::Set(d, T{1});
  const auto zero = hn::Zero(d);
  const auto truth = [=](auto mask) { return hn::IfThenElseZero(mask, one); };
  switch (static_cast<Elementwise>(i.code)) {
    case Elementwise::Add:
      return map2(d, i, count, [](auto a, auto b) { return hn::Add(a, b); });
    case Elementwise::Subtract:
      return map2(d, i, count, [](auto a, auto b) { return hn::Sub(a, b); });
    case Elementwise::Multiply:
      return map2(d, i, count, [](auto a, auto b) { return hn::Mul(a, b); });
    case Elementwise::Divide:
      return map2(d, i, count, [](auto a, auto b) { return hn::Div(a, b); });
    case Elementwise::Maximum:
      // A NaN on either side wins, as in NumPy.
      return map2(d, i, count, [](auto a, auto b) {
        const auto larger = hn::IfThenElse(hn::Gt(a, b), a, b);
        return hn::IfThenElse(hn::Eq(a, a), larger, a);
      });
    case Elementwise::Minimum:
      return map2(d, i, count, [](auto a, auto b) {
        const auto smaller = hn::IfThenElse(hn::Lt(a, b), a, b);
        return hn::IfThenElse(hn::Eq(a, a), smaller, a);
      });
    case Elementwise::Power:
      for (int64_t k = 0; k < count; ++k) i.out[k] = std::pow(i.a[k], i.b[k]);
      return;
    case Elementwise::Equal:
      return map2(d, i, count, [=](auto a, auto b) { return truth(hn::Eq(a, b)); });
    case Elementwise::NotEqual:
      return map2(d, i, count, [=](auto a, auto b) { return truth(hn::Ne(a, b)); });
    case Elementwise::Less:
      return map2(d, i, count, [=](auto a, auto b) { return truth(hn::Lt(a, b)); });
    case Elementwise::LessEqual:
      return map2(d, i, count, [=](auto a, auto b) { return truth(hn::Le(a, b)); });
    case Elementwise::Greater:
      return map2(d, i, count, [=](auto a, auto b) { return truth(hn::Gt(a, b)); });
    case Elementwise::GreaterEqual:
      return map2(d, i, count, [=](auto a, auto b) { return truth(hn::Ge(a, b)); });
    case Elementwise::LogicalAnd:
      return map2(d, i, count, [](auto a, auto b) { return hn::Mul(a, b); });
    case Elementwise::LogicalOr:
      return map2(d, i, count, [](auto a, auto b) { return hn::Max(a, b); });
    case Elementwise::LogicalNot:
      return map1(d, i, count, [=](auto a) { return hn::Sub(one, a); });
    case Elementwise::IsFinite:
      // x - x is 0 for finite x and NaN otherwise.
      return map1(d, i, count, [=](auto a) { return truth(hn::Eq(hn::Sub(a, a), zero)); });
    case Elementwise::Where: {
      const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
      for (int64_t k = 0; k < count; k += lanes) {
        const auto condition = hn::Ne(hn::LoadU(d, i.a + k), zero);
        hn::StoreU(hn::IfThenElse(condition, hn::LoadU(d, i.b + k), hn::LoadU(d, i.c + k)), d,
                   i.out + k);
      }
      return;
    }
    case Elementwise::Cast:
    case Elementwise::StopGradient:
      return map1(d, i, count, [](auto a) { return a; });
    case Elementwise::Negative:
      return map1(d, i, count, [](auto a) { return hn::Neg(a); });
    case Elementwise::Abs:
      return map1(d, i, count, [](auto a) { return hn::Abs(a); });
    case Elementwise::Sign:
      return map1(d, i, count, [=](auto a) {
        const auto sign = hn::Sub(truth(hn::Gt(a, zero)), truth(hn::Lt(a, zero)));
        return hn::IfThenElse(hn::Eq(a, a), sign, a);
      });
    case Elementwise::Floor:
      return map1(d, i, count, [](auto a) { return hn::Floor(a); });
    case Elementwise::Ceil:
      return map1(d, i, count, [](auto a) { return hn::Ceil(a); });
    case Elementwise::Round:
      return map1(d, i, count, [](auto a) { return hn::Round(a); });
    case Elementwise::Exp:
      return map1(d, i, count, [=](auto a) { return safe_exp(d, a); });
    case Elementwise::Expm1:
      return map1(d, i, count, [=](auto a) { return safe_expm1(d, a); });
    case Elementwise::Log:
      return map1(d, i, count, [=](auto a) { return safe_log(d, a); });
    case Elementwise::Log1p:
      return map1(d, i, count, [=](auto a) { return safe_log1p(d, a); });
    case Elementwise::Sqrt:
      return map1(d, i, count, [](auto a) { return hn::Sqrt(a); });
    case Elementwise::Rsqrt:
      return map1(d, i, count, [=](auto a) { return hn::Div(one, hn::Sqrt(a)); });
    case Elementwise::Square:
      return map1(d, i, count, [](auto a) { return hn::Mul(a, a); });
    case Elementwise::Reciprocal:
      return map1(d, i, count, [=](auto a) { return hn::Div(one, a); });
    // Highway's sin and cos are exact for small arguments only.
    case Elementwise::Sin:
      return scalar1(i, count, [](T a) { return std::sin(a); });
    case Elementwise::Cos:
      return scalar1(i, count, [](T a) { return std::cos(a); });
    case Elementwise::Tanh:
      return map1(d, i, count, [=](auto a) { return safe_tanh(d, a); });
    case Elementwise::Erf:
      return map1(d, i, count, [=](auto a) { return any_erf(d, a); });
    case Elementwise::Gelu:
      return map1(d, i, count, [=](auto a) { return hn::Mul(a, normal_share(d, a)); });
    case Elementwise::GeluBackward:
      return map2(d, i, count, [=](auto a, auto dy) { return hn::Mul(dy, gelu_slope(d, a)); });
    case Elementwise::Sigmoid:
      return map1(d, i, count, [=](auto a) { return sigmoid(d, a); });
    case Elementwise::Relu:
      // Not Max, which would turn NaN into 0.
      return map1(d, i, count, [=](auto a) { return hn::IfThenElse(hn::Lt(a, zero), zero, a); });
    case Elementwise::ReluBackward:
      return map2(d, i, count,
                  [=](auto y, auto dy) { return hn::IfThenElseZero(hn::Gt(y, zero), dy); });
  }
}

template <typename T>
T sum(const T* block, int64_t count) {
  // Eight partial sums whatever the vector's width, so that every instruction set adds in the same
  // order.
  T partial[8] = {};
  int64_t k = 0;
  for (; k + 8 <= count; k += 8) {
    for (int64_t j = 0; j < 8; ++j) partial[j] += block[k + j];
  }
  for (int64_t j = 0; k + j < count; ++j) partial[j] += block[k + j];
  return ((partial[0] + partial[4]) + (partial[2] + partial[6])) +
         ((partial[1] + partial[5]) + (partial[3] + partial[7]));
}

void run_float(const BlockInstruction<float>* instructions, int64_t instruction_count,
               int64_t count) {
  for (int64_t i = 0; i < instruction_count; ++i) run_one(instructions[i], count);
}
void run_double(const BlockInstruction<double>* instructions, int64_t instruction_count,
                int64_t count) {
  for (int64_t i = 0; i < instruction_count; ++i) run_one(instructions[i], count);
}
float sum_float(const float* block, int64_t count) { return sum(block, count); }
double sum_double(const double* block, int64_t count) { return sum(block, count); }

}  // namespace HWY_NAMESPACE
}  // namespace sinew::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sinew::cpu {

HWY_EXPORT(run_float);
HWY_EXPORT(run_double);
HWY_EXPORT(sum_float);
HWY_EXPORT(sum_double);

void run_block(const BlockInstruction<float>* instructions, std::int64_t instruction_count,
               std::int64_t count) {
  HWY_DYNAMIC_DISPATCH(run_float)(instructions, instruction_count, count);
}
void run_block(const BlockInstruction<double>* instructions, std::int64_t instruction_count,
               std::int64_t count) {
  HWY_DYNAMIC_DISPATCH(run_double)(instructions, instruction_count, count);
}
float sum_block(const float* block, std::int64_t count) {
  return HWY_DYNAMIC_DISPATCH(sum_float)(block, count);
}
double sum_block(const double* block, std::int64_t count) {
  return HWY_DYNAMIC_DISPATCH(sum_double)(block, count);
}

}  // namespace sinew::cpu
#endif
