#pragma once

#include <cstdint>
#include <string>

namespace sinew::cpu {

/// What a recurrent layer does at one step and batch row, after z = x W + h U + b; the kernels of
/// rnn.cpp do the rest. `state` rows (units each) carry the cell state of an LSTM; a simple cell
/// has none.

/// i, f, g, o = activated z (in place); c = f c_previous + i g; h = o tanh(c).
template <typename T>
struct LstmCell {
  static constexpr std::int64_t kGates = 4;
  void forward(T* z, const T* c_previous, T* c, T* h, std::int64_t units) const;
  /// From dh and dc (the gradient arriving at c, replaced by that at c_previous) to dz.
  void backward(const T* gates, const T* c_previous, const T* c, const T* h, const T* dh, T* dc,
                T* dz, std::int64_t units) const;
};

/// h = activation(z).
template <typename T>
struct SimpleCell {
  static constexpr std::int64_t kGates = 1;
  enum class Activation { Tanh, Relu, Sigmoid, Linear };
  explicit SimpleCell(const std::string& name);
  void forward(T* z, const T* c_previous, T* c, T* h, std::int64_t units) const;
  void backward(const T* gates, const T* c_previous, const T* c, const T* h, const T* dh, T* dc,
                T* dz, std::int64_t units) const;
  Activation activation;
};

}  // namespace sinew::cpu
