#include "backends/cpu/rnn_cells.h"

#include <algorithm>

#include "backends/cpu/fused_block.h"
#include "ops/elementwise_code.h"

namespace sinew::cpu {
namespace {

using ops::Elementwise;

constexpr std::int64_t kPad = 16;

/// Applies one function to a run that may end anywhere, through a block of the fused loops'
/// interpreter.
template <typename T>
void apply(Elementwise code, const T* x, std::int64_t count, T* y) {
  alignas(64) T block[kBlock];
  for (std::int64_t begin = 0; begin < count; begin += kBlock) {
    const std::int64_t length = std::min(kBlock, count - begin);
    std::copy(x + begin, x + begin + length, block);
    std::fill(block + length, block + std::min(kBlock, (length + kPad - 1) / kPad * kPad), T{0});
    const BlockInstruction<T> instruction{static_cast<std::int64_t>(code), block, nullptr, nullptr,
                                          block};
    run_block(&instruction, 1, length);
    std::copy(block, block + length, y + begin);
  }
}

}  // namespace

template <typename T>
void LstmCell<T>::forward(T* z, const T* c_previous, T* c, T* h, std::int64_t units) const {
  apply(Elementwise::Sigmoid, z, 2 * units, z);
  apply(Elementwise::Tanh, z + 2 * units, units, z + 2 * units);
  apply(Elementwise::Sigmoid, z + 3 * units, units, z + 3 * units);
  for (std::int64_t k = 0; k < units; ++k)
    c[k] = z[units + k] * c_previous[k] + z[k] * z[2 * units + k];
  apply(Elementwise::Tanh, c, units, h);
  for (std::int64_t k = 0; k < units; ++k) h[k] *= z[3 * units + k];
}

template <typename T>
void LstmCell<T>::backward(const T* gates, const T* c_previous, const T* c, const T*, const T* dh,
                           T* dc, T* dz, std::int64_t units) const {
  alignas(64) T tanh_c[kBlock];
  for (std::int64_t begin = 0; begin < units; begin += kBlock) {
    const std::int64_t length = std::min(kBlock, units - begin);
    apply(Elementwise::Tanh, c + begin, length, tanh_c);
    const T* __restrict in = gates + begin;
    const T* __restrict forget = gates + units + begin;
    const T* __restrict candidate = gates + 2 * units + begin;
    const T* __restrict out = gates + 3 * units + begin;
    T* __restrict to = dz + begin;
    for (std::int64_t k = 0; k < length; ++k) {
      const T d_cell = dc[begin + k] + dh[begin + k] * out[k] * (T{1} - tanh_c[k] * tanh_c[k]);
      to[k] = d_cell * candidate[k] * in[k] * (T{1} - in[k]);
      to[units + k] = d_cell * c_previous[begin + k] * forget[k] * (T{1} - forget[k]);
      to[2 * units + k] = d_cell * in[k] * (T{1} - candidate[k] * candidate[k]);
      to[3 * units + k] = dh[begin + k] * tanh_c[k] * out[k] * (T{1} - out[k]);
      dc[begin + k] = d_cell * forget[k];
    }
  }
}

template <typename T>
SimpleCell<T>::SimpleCell(const std::string& name)
    : activation(name == "tanh"      ? Activation::Tanh
                 : name == "relu"    ? Activation::Relu
                 : name == "sigmoid" ? Activation::Sigmoid
                                     : Activation::Linear) {}

template <typename T>
void SimpleCell<T>::forward(T* z, const T*, T*, T* h, std::int64_t units) const {
  switch (activation) {
    case Activation::Tanh:
      return apply(Elementwise::Tanh, z, units, h);
    case Activation::Relu:
      return apply(Elementwise::Relu, z, units, h);
    case Activation::Sigmoid:
      return apply(Elementwise::Sigmoid, z, units, h);
    case Activation::Linear:
      if (h != z) std::copy(z, z + units, h);
      return;
  }
}

template <typename T>
void SimpleCell<T>::backward(const T*, const T*, const T*, const T* h, const T* dh, T*, T* dz,
                             std::int64_t units) const {
  for (std::int64_t k = 0; k < units; ++k) {
    const T slope = activation == Activation::Tanh      ? T{1} - h[k] * h[k]
                    : activation == Activation::Sigmoid ? h[k] * (T{1} - h[k])
                    : activation == Activation::Relu    ? T(h[k] > T{0})
                                                        : T{1};
    dz[k] = dh[k] * slope;
  }
}

template struct LstmCell<float>;
template struct LstmCell<double>;
template struct SimpleCell<float>;
template struct SimpleCell<double>;

}  // namespace sinew::cpu
