// The element-wise part of recurrent layers. An LSTM's unit takes three sigmoids and two tanh
// forward, one tanh backward: some 120 and 60 cycles a vector, bound by the division and the 10 to
// 16 multiply-adds of each function. A unit's 2 (128 + 128) 4 multiply-adds of the products take
// 128 cycles a vector and row, so with Highway's own functions (twice the cycles, for their range
// and last bit) and separate passes these would cost as much as the products.
//
// float32: sigmoid(x) = 1 / (1 + e^-x); tanh(x) = 1 - 2 / (e^2x + 1), and x + x^3 p(x^2) below
// 0.625, where that loses digits; e^x = 2^n p(r) with r in [-ln 2 / 2, ln 2 / 2]. Polynomials of
// Cephes (Moshier 1989, expf and tanhf); errors below 3 ulp. float64: Highway's.

#include "backends/cpu/rnn_cells.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/rnn_cells.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include "backends/cpu/partial-inl.h"

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

template <typename T>
void lstm_forward(const CellStep<T>& s) {
  const hn::ScalableTag<T> d;
  for (int64_t row = 0; row < s.rows; ++row) {
    T* z = s.z + row * s.z_row;
    const T* c_previous = s.c_previous + row * s.c_previous_row;
    T* c = s.c + row * s.row;
    T* h = s.h + row * s.row;
    each_vector<T>(s.units, [&](int64_t k, auto part) {
      const auto in = gate_sigmoid(d, part.load(z + k));
      const auto forget = gate_sigmoid(d, part.load(z + s.gate + k));
      const auto candidate = gate_tanh(d, part.load(z + 2 * s.gate + k));
      const auto out = gate_sigmoid(d, part.load(z + 3 * s.gate + k));
      const auto cell = hn::MulAdd(forget, part.load(c_previous + k), hn::Mul(in, candidate));
      part.store(in, z + k);
      part.store(forget, z + s.gate + k);
      part.store(candidate, z + 2 * s.gate + k);
      part.store(out, z + 3 * s.gate + k);
      part.store(cell, c + k);
      part.store(hn::Mul(out, gate_tanh(d, cell)), h + k);
    });
  }
}

template <typename T>
void lstm_backward(const CellBackwardStep<T>& s) {
  const hn::ScalableTag<T> d;
  const auto one = hn::Set(d, T{1});
  for (int64_t row = 0; row < s.rows; ++row) {
    const T* gates = s.gates + row * s.gates_row;
    const T* c_previous = s.c_previous + row * s.c_previous_row;
    const T* c = s.c + row * s.row;
    T* dc = s.dc + row * s.units;
    T* dz = s.dz + row * s.dz_row;
    each_vector<T>(s.units, [&](int64_t k, auto part) {
      const auto in = part.load(gates + k);
      const auto forget = part.load(gates + s.units + k);
      const auto candidate = part.load(gates + 2 * s.units + k);
      const auto out = part.load(gates + 3 * s.units + k);
      const auto tanh_c = gate_tanh(d, part.load(c + k));
      auto dh = part.load(s.dh + row * s.units + k);
      if (s.dsequence) dh = hn::Add(dh, part.load(s.dsequence + row * s.row + k));
      const auto d_cell =
          hn::MulAdd(hn::Mul(dh, out), hn::NegMulAdd(tanh_c, tanh_c, one), part.load(dc + k));
      const auto put = [&](int64_t gate, auto value) {
        const int64_t at = gate * s.units + k;
        part.store(value, dz + at);
        part.store(hn::Add(part.load(s.db + at), value), s.db + at);
      };
      put(0, hn::Mul(hn::Mul(d_cell, candidate), hn::NegMulAdd(in, in, in)));
      put(1, hn::Mul(hn::Mul(d_cell, part.load(c_previous + k)),
                     hn::NegMulAdd(forget, forget, forget)));
      put(2, hn::Mul(hn::Mul(d_cell, in), hn::NegMulAdd(candidate, candidate, one)));
      put(3, hn::Mul(hn::Mul(dh, tanh_c), hn::NegMulAdd(out, out, out)));
      part.store(hn::Mul(d_cell, forget), dc + k);
    });
  }
}

template <typename T>
void gru_forward(const CellStep<T>& s) {
  const hn::ScalableTag<T> d;
  for (int64_t row = 0; row < s.rows; ++row) {
    T* z = s.z + row * s.z_row;
    const T* u = s.u + row * s.u_row;
    const T* h_previous = s.c_previous + row * s.c_previous_row;
    T* c = s.c + row * s.row;
    T* h = s.h + row * s.row;
    each_vector<T>(s.units, [&](int64_t k, auto part) {
      const auto gate = [&](int64_t at) {
        return gate_sigmoid(d, hn::Add(part.load(z + at), part.load(u + at)));
      };
      const auto update = gate(k);
      const auto reset = gate(s.gate + k);
      const int64_t at = 2 * s.gate + k;
      const auto of_state = part.load(u + at);
      const auto candidate = gate_tanh(d, hn::MulAdd(reset, of_state, part.load(z + at)));
      part.store(update, z + k);
      part.store(reset, z + s.gate + k);
      part.store(candidate, z + at);
      part.store(of_state, c + k);
      part.store(hn::MulAdd(update, hn::Sub(part.load(h_previous + k), candidate), candidate),
                 h + k);
    });
  }
}

template <typename T>
void gru_backward(const CellBackwardStep<T>& s) {
  const hn::ScalableTag<T> d;
  const auto one = hn::Set(d, T{1});
  for (int64_t row = 0; row < s.rows; ++row) {
    const T* gates = s.gates + row * s.gates_row;
    const T* h_previous = s.c_previous + row * s.c_previous_row;
    T* dh_at = s.dh + row * s.units;
    const int64_t dz_at = row * s.dz_row;
    each_vector<T>(s.units, [&](int64_t k, auto part) {
      const auto update = part.load(gates + k);
      const auto reset = part.load(gates + s.units + k);
      const auto candidate = part.load(gates + 2 * s.units + k);
      auto dh = part.load(dh_at + k);
      if (s.dsequence) dh = hn::Add(dh, part.load(s.dsequence + row * s.row + k));
      const auto put = [&](int64_t gate, auto of_input, auto of_state) {
        const int64_t at = gate * s.units + k;
        part.store(of_input, s.dz + dz_at + at);
        part.store(of_state, s.du + dz_at + at);
        part.store(hn::Add(part.load(s.db + at), of_input), s.db + at);
        part.store(hn::Add(part.load(s.db_state + at), of_state), s.db_state + at);
      };
      const auto d_update = hn::Mul(hn::Mul(dh, hn::Sub(part.load(h_previous + k), candidate)),
                                    hn::NegMulAdd(update, update, update));
      const auto d_candidate =
          hn::Mul(hn::NegMulAdd(dh, update, dh), hn::NegMulAdd(candidate, candidate, one));
      const auto d_reset = hn::Mul(hn::Mul(d_candidate, part.load(s.c + row * s.row + k)),
                                   hn::NegMulAdd(reset, reset, reset));
      put(0, d_update, d_update);
      put(1, d_reset, d_reset);
      put(2, d_candidate, hn::Mul(d_candidate, reset));
      part.store(hn::Mul(dh, update), dh_at + k);
    });
  }
}

template <typename T>
void gru_reset_state(const CellStep<T>& s) {
  const hn::ScalableTag<T> d;
  for (int64_t row = 0; row < s.rows; ++row) {
    T* z = s.z + row * s.z_row;
    each_vector<T>(s.units, [&](int64_t k, auto part) {
      const auto reset = gate_sigmoid(d, part.load(z + s.gate + k));
      part.store(gate_sigmoid(d, part.load(z + k)), z + k);
      part.store(reset, z + s.gate + k);
      part.store(hn::Mul(reset, part.load(s.c_previous + row * s.c_previous_row + k)),
                 s.h + row * s.row + k);
    });
  }
}

template <typename T>
void gru_reset_before_forward(const CellStep<T>& s) {
  const hn::ScalableTag<T> d;
  for (int64_t row = 0; row < s.rows; ++row) {
    T* z = s.z + row * s.z_row;
    const T* h_previous = s.c_previous + row * s.c_previous_row;
    each_vector<T>(s.units, [&](int64_t k, auto part) {
      const int64_t at = 2 * s.gate + k;
      auto sum = part.load(z + at);
      if (s.u) sum = hn::Add(sum, part.load(s.u + row * s.u_row + at));
      const auto candidate = gate_tanh(d, sum);
      part.store(candidate, z + at);
      part.store(
          hn::MulAdd(part.load(z + k), hn::Sub(part.load(h_previous + k), candidate), candidate),
          s.h + row * s.row + k);
    });
  }
}

/// Writes a gate's gradient and adds it to its bias's.
template <typename T, class P, class V>
HWY_INLINE void put_slope(const CellBackwardStep<T>& s, const P& part, int64_t row, int64_t at,
                          V value) {
  part.store(value, s.dz + row * s.dz_row + at);
  part.store(hn::Add(part.load(s.db + at), value), s.db + at);
}

template <typename T>
void gru_backward_candidate(const CellBackwardStep<T>& s) {
  const hn::ScalableTag<T> d;
  const auto one = hn::Set(d, T{1});
  for (int64_t row = 0; row < s.rows; ++row) {
    const T* gates = s.gates + row * s.gates_row;
    const T* h_previous = s.c_previous + row * s.c_previous_row;
    each_vector<T>(s.units, [&](int64_t k, auto part) {
      const auto update = part.load(gates + k);
      const auto candidate = part.load(gates + 2 * s.units + k);
      auto dh = part.load(s.dh + row * s.units + k);
      if (s.dsequence) {
        dh = hn::Add(dh, part.load(s.dsequence + row * s.row + k));
        part.store(dh, s.dh + row * s.units + k);
      }
      put_slope(s, part, row, k,
                hn::Mul(hn::Mul(dh, hn::Sub(part.load(h_previous + k), candidate)),
                        hn::NegMulAdd(update, update, update)));
      put_slope(s, part, row, 2 * s.units + k,
                hn::Mul(hn::NegMulAdd(dh, update, dh), hn::NegMulAdd(candidate, candidate, one)));
    });
  }
}

template <typename T>
void gru_reset_before_backward(const CellBackwardStep<T>& s) {
  for (int64_t row = 0; row < s.rows; ++row) {
    const T* gates = s.gates + row * s.gates_row;
    const T* h_previous = s.c_previous + row * s.c_previous_row;
    T* dh = s.dh + row * s.units;
    each_vector<T>(s.units, [&](int64_t k, auto part) {
      const auto reset = part.load(gates + s.units + k);
      const auto of_reset_state = part.load(s.du + row * s.units + k);
      put_slope(s, part, row, s.units + k,
                hn::Mul(hn::Mul(of_reset_state, part.load(h_previous + k)),
                        hn::NegMulAdd(reset, reset, reset)));
      part.store(
          hn::MulAdd(of_reset_state, reset, hn::Mul(part.load(dh + k), part.load(gates + k))),
          dh + k);
    });
  }
}

template <typename T, class F>
HWY_INLINE void simple_map(const CellStep<T>& s, const F& f) {
  for (int64_t row = 0; row < s.rows; ++row) {
    each_vector<T>(s.units, [&](int64_t k, auto part) {
      part.store(f(part.load(s.z + row * s.z_row + k)), s.h + row * s.row + k);
    });
  }
}

template <typename T>
void simple_forward(const CellStep<T>& s, typename SimpleCell<T>::Activation activation) {
  using Activation = typename SimpleCell<T>::Activation;
  const hn::ScalableTag<T> d;
  const auto zero = hn::Zero(d);
  switch (activation) {
    case Activation::Tanh:
      return simple_map(s, [=](auto z) { return gate_tanh(d, z); });
    case Activation::Sigmoid:
      return simple_map(s, [=](auto z) { return gate_sigmoid(d, z); });
    case Activation::Relu:
      // Not Max, which would turn NaN into 0.
      return simple_map(s, [=](auto z) { return hn::IfThenElse(hn::Lt(z, zero), zero, z); });
    case Activation::Linear:
      return simple_map(s, [](auto z) { return z; });
  }
}

/// dz = dh * slope(h).
template <typename T, class F>
HWY_INLINE void simple_map_backward(const CellBackwardStep<T>& s, const F& slope) {
  for (int64_t row = 0; row < s.rows; ++row) {
    each_vector<T>(s.units, [&](int64_t k, auto part) {
      auto dh = part.load(s.dh + row * s.units + k);
      if (s.dsequence) dh = hn::Add(dh, part.load(s.dsequence + row * s.row + k));
      const auto dz = hn::Mul(dh, slope(part.load(s.h + row * s.row + k)));
      part.store(dz, s.dz + row * s.dz_row + k);
      part.store(hn::Add(part.load(s.db + k), dz), s.db + k);
    });
  }
}

template <typename T>
void simple_backward(const CellBackwardStep<T>& s, typename SimpleCell<T>::Activation activation) {
  using Activation = typename SimpleCell<T>::Activation;
  const hn::ScalableTag<T> d;
  const auto zero = hn::Zero(d);
  const auto one = hn::Set(d, T{1});
  switch (activation) {
    case Activation::Tanh:
      return simple_map_backward(s, [=](auto h) { return hn::NegMulAdd(h, h, one); });
    case Activation::Sigmoid:
      return simple_map_backward(s, [](auto h) { return hn::NegMulAdd(h, h, h); });
    case Activation::Relu:
      return simple_map_backward(s,
                                 [=](auto h) { return hn::IfThenElseZero(hn::Gt(h, zero), one); });
    case Activation::Linear:
      return simple_map_backward(s, [=](auto) { return one; });
  }
}

void lstm_forward_float(const CellStep<float>& s) { lstm_forward(s); }
void lstm_forward_double(const CellStep<double>& s) { lstm_forward(s); }
void lstm_backward_float(const CellBackwardStep<float>& s) { lstm_backward(s); }
void lstm_backward_double(const CellBackwardStep<double>& s) { lstm_backward(s); }
void gru_forward_float(const CellStep<float>& s) { gru_forward(s); }
void gru_forward_double(const CellStep<double>& s) { gru_forward(s); }
void gru_backward_float(const CellBackwardStep<float>& s) { gru_backward(s); }
void gru_backward_double(const CellBackwardStep<double>& s) { gru_backward(s); }
void gru_reset_state_float(const CellStep<float>& s) { gru_reset_state(s); }
void gru_reset_state_double(const CellStep<double>& s) { gru_reset_state(s); }
void gru_reset_before_forward_float(const CellStep<float>& s) { gru_reset_before_forward(s); }
void gru_reset_before_forward_double(const CellStep<double>& s) { gru_reset_before_forward(s); }
void gru_backward_candidate_float(const CellBackwardStep<float>& s) { gru_backward_candidate(s); }
void gru_backward_candidate_double(const CellBackwardStep<double>& s) { gru_backward_candidate(s); }
void gru_reset_before_backward_float(const CellBackwardStep<float>& s) {
  gru_reset_before_backward(s);
}
void gru_reset_before_backward_double(const CellBackwardStep<double>& s) {
  gru_reset_before_backward(s);
}
void simple_forward_float(const CellStep<float>& s, SimpleCell<float>::Activation a) {
  simple_forward(s, a);
}
void simple_forward_double(const CellStep<double>& s, SimpleCell<double>::Activation a) {
  simple_forward(s, a);
}
void simple_backward_float(const CellBackwardStep<float>& s, SimpleCell<float>::Activation a) {
  simple_backward(s, a);
}
void simple_backward_double(const CellBackwardStep<double>& s, SimpleCell<double>::Activation a) {
  simple_backward(s, a);
}

}  // namespace HWY_NAMESPACE
}  // namespace sinew::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sinew::cpu {

HWY_EXPORT(lstm_forward_float);
HWY_EXPORT(lstm_forward_double);
HWY_EXPORT(lstm_backward_float);
HWY_EXPORT(lstm_backward_double);
HWY_EXPORT(gru_forward_float);
HWY_EXPORT(gru_forward_double);
HWY_EXPORT(gru_backward_float);
HWY_EXPORT(gru_backward_double);
HWY_EXPORT(gru_reset_state_float);
HWY_EXPORT(gru_reset_state_double);
HWY_EXPORT(gru_reset_before_forward_float);
HWY_EXPORT(gru_reset_before_forward_double);
HWY_EXPORT(gru_backward_candidate_float);
HWY_EXPORT(gru_backward_candidate_double);
HWY_EXPORT(gru_reset_before_backward_float);
HWY_EXPORT(gru_reset_before_backward_double);
HWY_EXPORT(simple_forward_float);
HWY_EXPORT(simple_forward_double);
HWY_EXPORT(simple_backward_float);
HWY_EXPORT(simple_backward_double);

template <>
void LstmCell<float>::forward(const CellStep<float>& step) const {
  HWY_DYNAMIC_DISPATCH(lstm_forward_float)(step);
}
template <>
void LstmCell<double>::forward(const CellStep<double>& step) const {
  HWY_DYNAMIC_DISPATCH(lstm_forward_double)(step);
}
template <>
void LstmCell<float>::backward(const CellBackwardStep<float>& step) const {
  HWY_DYNAMIC_DISPATCH(lstm_backward_float)(step);
}
template <>
void LstmCell<double>::backward(const CellBackwardStep<double>& step) const {
  HWY_DYNAMIC_DISPATCH(lstm_backward_double)(step);
}

template <>
void GruCell<float>::forward(const CellStep<float>& step) const {
  HWY_DYNAMIC_DISPATCH(gru_forward_float)(step);
}
template <>
void GruCell<double>::forward(const CellStep<double>& step) const {
  HWY_DYNAMIC_DISPATCH(gru_forward_double)(step);
}
template <>
void GruCell<float>::backward(const CellBackwardStep<float>& step) const {
  HWY_DYNAMIC_DISPATCH(gru_backward_float)(step);
}
template <>
void GruCell<double>::backward(const CellBackwardStep<double>& step) const {
  HWY_DYNAMIC_DISPATCH(gru_backward_double)(step);
}

template <>
void GruResetBeforeCell<float>::reset_state(const CellStep<float>& step) const {
  HWY_DYNAMIC_DISPATCH(gru_reset_state_float)(step);
}
template <>
void GruResetBeforeCell<double>::reset_state(const CellStep<double>& step) const {
  HWY_DYNAMIC_DISPATCH(gru_reset_state_double)(step);
}
template <>
void GruResetBeforeCell<float>::forward(const CellStep<float>& step) const {
  HWY_DYNAMIC_DISPATCH(gru_reset_before_forward_float)(step);
}
template <>
void GruResetBeforeCell<double>::forward(const CellStep<double>& step) const {
  HWY_DYNAMIC_DISPATCH(gru_reset_before_forward_double)(step);
}
template <>
void GruResetBeforeCell<float>::backward_candidate(const CellBackwardStep<float>& step) const {
  HWY_DYNAMIC_DISPATCH(gru_backward_candidate_float)(step);
}
template <>
void GruResetBeforeCell<double>::backward_candidate(const CellBackwardStep<double>& step) const {
  HWY_DYNAMIC_DISPATCH(gru_backward_candidate_double)(step);
}
template <>
void GruResetBeforeCell<float>::backward(const CellBackwardStep<float>& step) const {
  HWY_DYNAMIC_DISPATCH(gru_reset_before_backward_float)(step);
}
template <>
void GruResetBeforeCell<double>::backward(const CellBackwardStep<double>& step) const {
  HWY_DYNAMIC_DISPATCH(gru_reset_before_backward_double)(step);
}

template <typename T>
SimpleCell<T>::SimpleCell(const std::string& name)
    : activation(name == "tanh"      ? Activation::Tanh
                 : name == "relu"    ? Activation::Relu
                 : name == "sigmoid" ? Activation::Sigmoid
                                     : Activation::Linear) {}
template SimpleCell<float>::SimpleCell(const std::string& name);
template SimpleCell<double>::SimpleCell(const std::string& name);

template <>
void SimpleCell<float>::forward(const CellStep<float>& step) const {
  HWY_DYNAMIC_DISPATCH(simple_forward_float)(step, activation);
}
template <>
void SimpleCell<double>::forward(const CellStep<double>& step) const {
  HWY_DYNAMIC_DISPATCH(simple_forward_double)(step, activation);
}
template <>
void SimpleCell<float>::backward(const CellBackwardStep<float>& step) const {
  HWY_DYNAMIC_DISPATCH(simple_backward_float)(step, activation);
}
template <>
void SimpleCell<double>::backward(const CellBackwardStep<double>& step) const {
  HWY_DYNAMIC_DISPATCH(simple_backward_double)(step, activation);
}

}  // namespace sinew::cpu
#endif
