// A unit of a simple recurrent layer, forward and backward.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/rnn_cell_simple.cpp"
#include <hwy/foreach_target.h>

#include "backends/cpu/rnn_cells-inl.h"

HWY_BEFORE_NAMESPACE();
namespace sinew::cpu {
namespace HWY_NAMESPACE {

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

HWY_EXPORT(simple_forward_float);
HWY_EXPORT(simple_forward_double);
HWY_EXPORT(simple_backward_float);
HWY_EXPORT(simple_backward_double);

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
