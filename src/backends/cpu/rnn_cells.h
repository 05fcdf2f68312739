#pragma once

#include <cstdint>
#include <string>

namespace sinew::cpu {

/// One step of a few batch rows of a recurrent layer, after z = x W + h U + b; the kernels of
/// rnn.cpp do the rest, for units that lie together. Gates lie `gate` elements apart in z; rows lie
/// `z_row` (z), `row` (c, h and their gradients from above) or `c_previous_row` (0 for one row of
/// zeros) elements apart. A simple cell has no c.
template <typename T>
struct CellStep {
  std::int64_t rows, units;
  T* z;
  std::int64_t z_row, gate;
  const T* c_previous;
  std::int64_t c_previous_row;
  T* c;
  T* h;
  std::int64_t row;
};

/// The same backwards. dh and dc (rows, units) hold what arrives from the step after.
template <typename T>
struct CellBackwardStep {
  std::int64_t rows, units;
  const T* gates;
  std::int64_t gates_row;
  const T* c_previous;
  std::int64_t c_previous_row;
  const T* c;
  const T* h;
  /// The gradient of this step's own output, added to dh; may be null.
  const T* dsequence;
  std::int64_t row;
  const T* dh;
  /// Replaced by the gradient at c_previous.
  T* dc;
  T* dz;
  std::int64_t dz_row;
  /// Gradient of the bias (gates, units): dz is added to it.
  T* db;
};

/// i, f, g, o = activated z (in place); c = f c_previous + i g; h = o tanh(c).
template <typename T>
struct LstmCell {
  static constexpr std::int64_t kGates = 4;
  void forward(const CellStep<T>& step) const;
  void backward(const CellBackwardStep<T>& step) const;
};

/// h = activation(z).
template <typename T>
struct SimpleCell {
  static constexpr std::int64_t kGates = 1;
  enum class Activation { Tanh, Relu, Sigmoid, Linear };
  explicit SimpleCell(const std::string& name);
  void forward(const CellStep<T>& step) const;
  void backward(const CellBackwardStep<T>& step) const;
  Activation activation;
};

}  // namespace sinew::cpu
