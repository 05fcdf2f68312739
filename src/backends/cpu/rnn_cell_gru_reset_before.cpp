// A GRU's unit with the reset gate before the product, forward and backward.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/rnn_cell_gru_reset_before.cpp"
#include <hwy/foreach_target.h>

#include "backends/cpu/rnn_cells-inl.h"

HWY_BEFORE_NAMESPACE();
namespace sinew::cpu {
namespace HWY_NAMESPACE {

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

}  // namespace HWY_NAMESPACE
}  // namespace sinew::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sinew::cpu {

HWY_EXPORT(gru_reset_state_float);
HWY_EXPORT(gru_reset_state_double);
HWY_EXPORT(gru_reset_before_forward_float);
HWY_EXPORT(gru_reset_before_forward_double);
HWY_EXPORT(gru_backward_candidate_float);
HWY_EXPORT(gru_backward_candidate_double);
HWY_EXPORT(gru_reset_before_backward_float);
HWY_EXPORT(gru_reset_before_backward_double);

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

}  // namespace sinew::cpu
#endif
