#pragma once

#include <cstdint>
#include <string>

namespace sinew::cpu {

/// One step of a few batch rows of a recurrent layer, after z = x W + h U + b; the kernels of
/// rnn.cpp do the rest, for units that lie together. Gates lie `gate` elements apart in z; rows lie
/// `z_row` (z), `row` (c, h and their gradients from above) or `c_previous_row` (0 for one row of
/// zeros) elements apart. A simple cell has no c. A GRU's products stay apart, z = x W + b and
/// u = h U + b'; its c_previous is the state, and its c keeps the candidate's part of u. One that
/// resets before the product has in u the candidate's only, or null for zeros.
template <typename T>
struct CellStep {
  std::int64_t rows, units;
  T* z;
  std::int64_t z_row, gate;
  const T* u;
  std::int64_t u_row;
  const T* c_previous;
  std::int64_t c_previous_row;
  T* c;
  T* h;
  std::int64_t row;
};

/// The same backwards. dh and dc (rows, units) hold what arrives from the step after; a GRU leaves
/// in dh what reaches the step before past the products. One that resets before the product finds
/// the gradient of the reset state (rows, units) in du.
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
  T* dh;
  /// Replaced by the gradient at c_previous.
  T* dc;
  T *dz, *du;
  /// Of both.
  std::int64_t dz_row;
  /// Gradients of the biases (gates, units): dz and du are added to them.
  T *db, *db_state;
};

constexpr int kNone = -1;

/// i, f, g, o = activated z (in place); c = f c_previous + i g; h = o tanh(c).
template <typename T>
struct LstmCell {
  static constexpr std::int64_t kGates = 4;
  static constexpr bool kProductsApart = false, kResetBefore = false;
  /// Which outputs of the op are z, activated in place, and c of all steps; kNone where it has
  /// none.
  static constexpr int kZ = 3, kC = 4;
  void forward(const CellStep<T>& step) const;
  void backward(const CellBackwardStep<T>& step) const;
};

/// update, reset = activated z + u; candidate = tanh(z + reset u), all in z's place;
/// h = update h_previous + (1 - update) candidate.
template <typename T>
struct GruCell {
  static constexpr std::int64_t kGates = 3;
  static constexpr bool kProductsApart = true, kResetBefore = false;
  static constexpr int kZ = 2, kC = 3;
  void forward(const CellStep<T>& step) const;
  void backward(const CellBackwardStep<T>& step) const;
};

/// The same with candidate = tanh(z + (reset h_previous) U): reset_state() leaves that state in h.
template <typename T>
struct GruResetBeforeCell {
  static constexpr std::int64_t kGates = 3;
  static constexpr bool kProductsApart = false, kResetBefore = true;
  static constexpr int kZ = 2, kC = kNone;
  void reset_state(const CellStep<T>& step) const;
  void forward(const CellStep<T>& step) const;
  /// dz of update and candidate; adds dsequence to dh.
  void backward_candidate(const CellBackwardStep<T>& step) const;
  void backward(const CellBackwardStep<T>& step) const;
};

/// h = activation(z).
template <typename T>
struct SimpleCell {
  static constexpr std::int64_t kGates = 1;
  static constexpr bool kProductsApart = false, kResetBefore = false;
  static constexpr int kZ = 0, kC = kNone;
  enum class Activation { Tanh, Relu, Sigmoid, Linear };
  explicit SimpleCell(const std::string& name);
  void forward(const CellStep<T>& step) const;
  void backward(const CellBackwardStep<T>& step) const;
  Activation activation;
};

}  // namespace sinew::cpu
