// The element-wise part of recurrent layers. An LSTM's unit takes three sigmoids and two tanh
// forward, one tanh backward: some 120 and 60 cycles a vector, bound by the division and the 10 to
// 16 multiply-adds of each function. A unit's 2 (128 + 128) 4 multiply-adds of the products take
// 128 cycles a vector and row, so with Highway's own functions (twice the cycles, for their range
// and last bit) and separate passes these would cost as much as the products.
//
// float32: sigmoid(x) = 1 / (1 + e^-x); tanh(x) = 1 - 2 / (e^2x + 1), and x + x^3 p(x^2) below
// 0.625, where that loses digits; e^x = 2^n p(r) with r in [-ln 2 / 2, ln 2 / 2]. Polynomials of
// Cephes (Moshier 1989, expf and tanhf); errors below 3 ulp. float64: Highway's.

// Included once for each instruction set.
#if defined(SINEW_RNN_CELLS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef SINEW_RNN_CELLS_INL
#undef SINEW_RNN_CELLS_INL
#else
#define SINEW_RNN_CELLS_INL
#endif

#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include "backends/cpu/partial-inl.h"
#include "backends/cpu/rnn_cells.h"

HWY_BEFORE_NAMESPACE();
namespace sinew::cpu {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// e^x for |x| <= 87.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V exp_of_moderate(D d, V x) {
  if constexpr (sizeof(hn::TFromD<D>) == 8) {
    return hn::Exp(d, x);
  } else {
    const hn::RebindToSigned<D> di;
    const auto at = [d](double value) { return hn::Set(d, static_cast<float>(value)); };
    const V n = hn::Round(hn::Mul(x, at(1.44269504088896341)));
    // ln 2 in two parts, so that n ln 2 is exact to more than its own digits.
    V r = hn::NegMulAdd(n, at(0.693359375), x);
    r = hn::NegMulAdd(n, at(-2.12194440e-4), r);
    V p = at(1.9875691500e-4);
    p = hn::MulAdd(p, r, at(1.3981999507e-3));
    p = hn::MulAdd(p, r, at(8.3334519073e-3));
    p = hn::MulAdd(p, r, at(4.1665795894e-2));
    p = hn::MulAdd(p, r, at(1.6666665459e-1));
    p = hn::MulAdd(p, r, at(5.0000001201e-1));
    p = hn::Add(hn::MulAdd(p, hn::Mul(r, r), r), at(1.0));
    const auto exponent = hn::Add(hn::ConvertTo(di, n), hn::Set(di, 127));
    return hn::Mul(p, hn::BitCast(d, hn::ShiftLeft<23>(exponent)));
  }
}

/// NaN stays NaN: clamping loses it.
template <class V>
HWY_INLINE V keep_nan(V x, V result) {
  return hn::IfThenElse(hn::Eq(x, x), result, x);
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V gate_sigmoid(D d, V x) {
  using T = hn::TFromD<D>;
  const V limit = hn::Set(d, static_cast<T>(sizeof(T) == 4 ? 87.0 : 700.0));
  const V one = hn::Set(d, T{1});
  const V clamped = hn::Min(hn::Max(x, hn::Neg(limit)), limit);
  return keep_nan(x, hn::Div(one, hn::Add(one, exp_of_moderate(d, hn::Neg(clamped)))));
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V gate_tanh(D d, V x) {
  using T = hn::TFromD<D>;
  if constexpr (sizeof(T) == 8) {
    const V limit = hn::Set(d, T{20});
    return keep_nan(x, hn::Tanh(d, hn::Max(hn::Min(x, limit), hn::Neg(limit))));
  } else {
    const V size = hn::Abs(x);
    const V one = hn::Set(d, 1.0f);
    const V two = hn::Set(d, 2.0f);
    const V e = exp_of_moderate(d, hn::Mul(two, hn::Min(size, hn::Set(d, 10.0f))));
    const V large = hn::Sub(one, hn::Div(two, hn::Add(e, one)));
    const V square = hn::Mul(x, x);
    V p = hn::Set(d, -5.70498872745e-3f);
    p = hn::MulAdd(p, square, hn::Set(d, 2.06390887954e-2f));
    p = hn::MulAdd(p, square, hn::Set(d, -5.37397155531e-2f));
    p = hn::MulAdd(p, square, hn::Set(d, 1.33314422036e-1f));
    p = hn::MulAdd(p, square, hn::Set(d, -3.33332819422e-1f));
    const V small = hn::MulAdd(hn::Mul(p, square), x, x);
    const V result =
        hn::IfThenElse(hn::Lt(size, hn::Set(d, 0.625f)), small, hn::CopySign(large, x));
    return keep_nan(x, result);
  }
}

/// Calls body(first unit, partial) for vectors that cover `units`.
template <typename T, class Body>
HWY_INLINE void each_vector(int64_t units, const Body& body) {
  const hn::ScalableTag<T> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t k = 0;
  for (; k + lanes <= units; k += lanes) body(k, Whole<decltype(d)>());
  if (k < units) body(k, Partial<decltype(d)>(units - k));
}

}  // namespace HWY_NAMESPACE
}  // namespace sinew::cpu
HWY_AFTER_NAMESPACE();

#endif
