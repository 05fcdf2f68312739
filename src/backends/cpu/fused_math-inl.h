// Transcendental functions of vectors: Highway's (1 to 4 ulp), wrapped to give what IEEE 754 asks
// at the ends of their ranges, and Eigen's erf. Included once for each instruction set.

#if defined(SINEW_FUSED_MATH_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SINEW_FUSED_MATH_INL_H_
#undef SINEW_FUSED_MATH_INL_H_
#else
#define SINEW_FUSED_MATH_INL_H_
#endif

#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include <cmath>
#include <limits>

HWY_BEFORE_NAMESPACE();
namespace sinew::cpu {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

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

/// x p(x^2) / q(x^2), the minimax approximation of Eigen's generic_fast_erf_float, within 4 ulp of
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

}  // namespace HWY_NAMESPACE
}  // namespace sinew::cpu
HWY_AFTER_NAMESPACE();

#endif
