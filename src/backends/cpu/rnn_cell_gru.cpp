// A GRU's unit with the reset gate after the product, forward and backward.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/rnn_cell_gru.cpp"
#include <hwy/foreach_target.h>

#include "backends/cpu/rnn_cells-inl.h"

HWY_BEFORE_NAMESPACE();
namespace sinew::cpu {
namespace HWY_NAMESPACE {

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

void gru_forward_float(const CellStep<float>& s) { gru_forward(s); }
void gru_forward_double(const CellStep<double>& s) { gru_forward(s); }
void gru_backward_float(const CellBackwardStep<float>& s) { gru_backward(s); }
void gru_backward_double(const CellBackwardStep<double>& s) { gru_backward(s); }

}  // namespace HWY_NAMESPACE
}  // namespace sinew::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sinew::cpu {

HWY_EXPORT(gru_forward_float);
HWY_EXPORT(gru_forward_double);
HWY_EXPORT(gru_backward_float);
HWY_EXPORT(gru_backward_double);

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

}  // namespace sinew::cpu
#endif
