// An LSTM's unit, forward and backward.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/rnn_cell_lstm.cpp"
#include <hwy/foreach_target.h>

#include "backends/cpu/rnn_cells-inl.h"

HWY_BEFORE_NAMESPACE();
namespace sinew::cpu {
namespace HWY_NAMESPACE {

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

void lstm_forward_float(const CellStep<float>& s) { lstm_forward(s); }
void lstm_forward_double(const CellStep<double>& s) { lstm_forward(s); }
void lstm_backward_float(const CellBackwardStep<float>& s) { lstm_backward(s); }
void lstm_backward_double(const CellBackwardStep<double>& s) { lstm_backward(s); }

}  // namespace HWY_NAMESPACE
}  // namespace sinew::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sinew::cpu {

HWY_EXPORT(lstm_forward_float);
HWY_EXPORT(lstm_forward_double);
HWY_EXPORT(lstm_backward_float);
HWY_EXPORT(lstm_backward_double);

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

}  // namespace sinew::cpu
#endif
