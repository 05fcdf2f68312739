// Recurrent layers. FLOPs of a forward pass: 2 N T (I + H) G H, twice that backward (G gates; 4 for
// an LSTM).
//
// Batch rows are independent of each other, so they are cut into groups of kGroup rows and the
// groups into shards fixed by the shape. One thread takes a shard through the whole sequence: a
// product for the inputs of all its steps (oneDNN), then step by step the small product with the
// recurrent weights (rows_gemm, weights packed once per run) and the cell. No barrier between
// steps, and a group's rows stay in one core's caches. Backward goes the same way in reverse and
// leaves dz; the weights' gradients are products over all steps of a shard, added over the shards
// in order. So the bits depend on the shape and not on the number of threads.

#include <algorithm>
#include <cstring>

#include "backends/cpu/onednn.h"
#include "backends/cpu/registry.h"
#include "backends/cpu/rnn_cells.h"
#include "backends/cpu/rows_gemm.h"
#include "sinew/base/parallel.h"

namespace sinew::cpu {
namespace {

constexpr std::int64_t kGroup = 8;
constexpr std::int64_t kMaxShards = 8;

/// c (m, n) = op(a) op(b) + beta c, row-major, by the calling thread alone.
void gemm(char transpose_a, char transpose_b, std::int64_t m, std::int64_t n, std::int64_t k,
          const float* a, std::int64_t lda, const float* b, std::int64_t ldb, float beta, float* c,
          std::int64_t ldc) {
  dnnl_sgemm(transpose_a, transpose_b, m, n, k, 1.0f, a, lda, b, ldb, beta, c, ldc);
}

void gemm(char transpose_a, char transpose_b, std::int64_t m, std::int64_t n, std::int64_t k,
          const double* a, std::int64_t lda, const double* b, std::int64_t ldb, double beta,
          double* c, std::int64_t ldc) {
  for (std::int64_t i = 0; i < m; ++i) {
    for (std::int64_t j = 0; j < n; ++j) {
      double sum = 0;
      for (std::int64_t l = 0; l < k; ++l) {
        sum += (transpose_a == 'T' ? a[l * lda + i] : a[i * lda + l]) *
               (transpose_b == 'T' ? b[j * ldb + l] : b[l * ldb + j]);
      }
      c[i * ldc + j] = sum + (beta == 0.0 ? 0.0 : c[i * ldc + j]);
    }
  }
}

struct RnnShape {
  std::int64_t rows, steps, features, units, gates;
  bool bias, h0, c0;

  RnnShape(const KernelRequest& r, std::int64_t gate_count)
      : rows(r.inputs[0].shape[0]),
        steps(r.inputs[0].shape[1]),
        features(r.inputs[0].shape[2]),
        units(r.inputs[2].shape[0]),
        gates(gate_count),
        bias(r.attributes.flag("has_bias")),
        h0(r.attributes.flag("has_h0")),
        c0(r.attributes.flag("has_c0")) {}

  std::int64_t width() const { return gates * units; }
  std::size_t operands() const { return 3u + bias + h0 + c0; }
  std::int64_t groups() const { return (rows + kGroup - 1) / kGroup; }
  std::int64_t shards() const { return std::min(groups(), kMaxShards); }
  /// First row of a shard; shards are whole groups.
  std::int64_t first_row(std::int64_t shard) const {
    return std::min(rows, groups() * shard / shards() * kGroup);
  }
};

/// The forward operands of a call, by name.
template <typename T>
struct Operands {
  const T *x, *kernel, *recurrent, *bias = nullptr, *h0 = nullptr, *c0 = nullptr;

  Operands(const RnnShape& s, const void* const* inputs) {
    const auto at = [&](std::size_t i) { return static_cast<const T*>(inputs[i]); };
    x = at(0);
    kernel = at(1);
    recurrent = at(2);
    std::size_t next = 3;
    if (s.bias) bias = at(next++);
    if (s.h0) h0 = at(next++);
    if (s.c0) c0 = at(next++);
  }
};

template <typename T, typename Cell>
class RnnForward : public Kernel {
 public:
  RnnForward(const KernelRequest& r, Cell cell) : s_(r, Cell::kGates), cell_(cell) {
    zeros_ = Tensor(Shape{s_.units}, DTypeOf<T>::value);
  }
  std::size_t scratch_bytes() const override {
    return packed_size<T>(s_.units, s_.width()) * sizeof(T);
  }
  std::size_t packed_bytes() const override { return scratch_bytes(); }

  void run(const KernelArguments& a) override {
    const Operands<T> in(s_, a.inputs);
    T* packed = static_cast<T*>(a.scratch);
    pack(in.recurrent, s_.units, s_.width(), s_.width(), 1, packed);
    parallel_for(s_.shards(), [&](std::int64_t shard) {
      const onednn::SingleThread single;
      const std::int64_t end = s_.first_row(shard + 1);
      for (std::int64_t row = s_.first_row(shard); row < end; row += kGroup) {
        run_group(a, in, packed, row, std::min(kGroup, end - row));
      }
    });
  }

 private:
  static constexpr bool kLstm = Cell::kGates == 4;

  void run_group(const KernelArguments& a, const Operands<T>& in, const T* packed,
                 std::int64_t first, std::int64_t rows) const {
    T* sequence = static_cast<T*>(a.outputs[0]);
    T* hidden = static_cast<T*>(a.outputs[1]);
    // A simple cell activates in place: its z is its sequence.
    T* z = (kLstm ? static_cast<T*>(a.outputs[3]) : sequence) + first * s_.steps * s_.width();
    const std::int64_t lines = rows * s_.steps;
    if (in.bias) {
      for (std::int64_t line = 0; line < lines; ++line)
        std::copy(in.bias, in.bias + s_.width(), z + line * s_.width());
    }
    gemm('N', 'N', lines, s_.width(), s_.features, in.x + first * s_.steps * s_.features,
         s_.features, in.kernel, s_.width(), in.bias ? T{1} : T{0}, z, s_.width());
    for (std::int64_t t = 0; t < s_.steps; ++t) {
      const T* previous = t > 0   ? sequence + (first * s_.steps + t - 1) * s_.units
                          : in.h0 ? in.h0 + first * s_.units
                                  : nullptr;
      if (previous) {
        rows_gemm(previous, t > 0 ? s_.steps * s_.units : s_.units, packed, z + t * s_.width(),
                  s_.steps * s_.width(), rows, s_.units, s_.width());
      }
      for (std::int64_t r = 0; r < rows; ++r)
        step(a, in, z + (r * s_.steps + t) * s_.width(), first + r, t);
    }
    for (std::int64_t row = first; row < first + rows; ++row) {
      const T* last = sequence + (row * s_.steps + s_.steps - 1) * s_.units;
      std::copy(last, last + s_.units, hidden + row * s_.units);
      if constexpr (kLstm) {
        const T* cells =
            static_cast<const T*>(a.outputs[4]) + (row * s_.steps + s_.steps - 1) * s_.units;
        std::copy(cells, cells + s_.units, static_cast<T*>(a.outputs[2]) + row * s_.units);
      }
    }
  }

  void step(const KernelArguments& a, const Operands<T>& in, T* z, std::int64_t row,
            std::int64_t t) const {
    const std::int64_t at = (row * s_.steps + t) * s_.units;
    T* h = static_cast<T*>(a.outputs[0]) + at;
    if constexpr (kLstm) {
      T* cells = static_cast<T*>(a.outputs[4]);
      const T* zero = static_cast<const T*>(zeros_.raw());
      const T* previous = t > 0 ? cells + at - s_.units : in.c0 ? in.c0 + row * s_.units : zero;
      cell_.forward(z, previous, cells + at, h, s_.units);
    } else {
      cell_.forward(z, nullptr, nullptr, h, s_.units);
    }
  }

  RnnShape s_;
  Cell cell_;
  Tensor zeros_;
};

template <typename T, typename Cell>
class RnnBackward : public Kernel {
 public:
  RnnBackward(const KernelRequest& r, Cell cell) : s_(r, Cell::kGates), cell_(cell) {
    std::size_t next = s_.operands();
    sequence_ = next++;
    if (kLstm) {
      gates_ = next++;
      cells_ = next++;
    }
    if (r.attributes.flag("has_dsequence")) dsequence_ = static_cast<std::ptrdiff_t>(next++);
    if (r.attributes.flag("has_dhidden")) dhidden_ = static_cast<std::ptrdiff_t>(next++);
    if (r.attributes.flag("has_dcell")) dcell_ = static_cast<std::ptrdiff_t>(next++);
    zeros_ = Tensor(Shape{s_.units}, DTypeOf<T>::value);
    const auto elements = [](std::int64_t count) {
      return onednn::aligned(static_cast<std::size_t>(count) * sizeof(T));
    };
    packed_bytes_ = onednn::aligned(packed_size<T>(s_.width(), s_.units) * sizeof(T));
    dz_bytes_ = elements(s_.rows * s_.steps * s_.width());
    state_bytes_ = elements(s_.rows * s_.units);
    kernel_bytes_ = elements(s_.features * s_.width());
    recurrent_bytes_ = elements(s_.units * s_.width());
    bias_bytes_ = elements(s_.width());
  }
  std::size_t packed_bytes() const override { return packed_bytes_; }
  std::size_t scratch_bytes() const override {
    return packed_bytes_ + dz_bytes_ + 2 * state_bytes_ +
           static_cast<std::size_t>(s_.shards()) * (kernel_bytes_ + recurrent_bytes_ + bias_bytes_);
  }

  void run(const KernelArguments& a) override {
    const Operands<T> in(s_, a.inputs);
    Memory m(*this, static_cast<char*>(a.scratch));
    pack(in.recurrent, s_.width(), s_.units, 1, s_.width(), m.packed);
    parallel_for(s_.shards(), [&](std::int64_t shard) {
      const onednn::SingleThread single;
      const std::int64_t end = s_.first_row(shard + 1);
      std::memset(m.kernel(shard), 0, kernel_bytes_ + recurrent_bytes_ + bias_bytes_);
      for (std::int64_t row = s_.first_row(shard); row < end; row += kGroup) {
        const std::int64_t rows = std::min(kGroup, end - row);
        back_through_time(a, in, m, row, rows);
        weight_gradients(a, in, m, shard, row, rows);
      }
    });
    add_shards(m, 0, static_cast<T*>(a.outputs[1]), s_.features * s_.width());
    add_shards(m, kernel_bytes_, static_cast<T*>(a.outputs[2]), s_.units * s_.width());
    std::size_t next = 3;
    if (s_.bias) {
      add_shards(m, kernel_bytes_ + recurrent_bytes_, static_cast<T*>(a.outputs[next++]),
                 s_.width());
    }
    const auto state_bytes = static_cast<std::size_t>(s_.rows * s_.units) * sizeof(T);
    if (s_.h0) std::memcpy(a.outputs[next++], m.dh, state_bytes);
    if (s_.c0) std::memcpy(a.outputs[next++], m.dc, state_bytes);
  }

 private:
  static constexpr bool kLstm = Cell::kGates == 4;

  /// The scratch memory's parts; a shard's gradients of kernel, recurrent kernel and bias lie
  /// together.
  struct Memory {
    T* packed;
    T* dz;
    T* dh;
    T* dc;
    char* shards;
    std::size_t shard_bytes;

    Memory(const RnnBackward& k, char* scratch)
        : packed(reinterpret_cast<T*>(scratch)),
          dz(reinterpret_cast<T*>(scratch + k.packed_bytes_)),
          dh(reinterpret_cast<T*>(scratch + k.packed_bytes_ + k.dz_bytes_)),
          dc(reinterpret_cast<T*>(scratch + k.packed_bytes_ + k.dz_bytes_ + k.state_bytes_)),
          shards(scratch + k.packed_bytes_ + k.dz_bytes_ + 2 * k.state_bytes_),
          shard_bytes(k.kernel_bytes_ + k.recurrent_bytes_ + k.bias_bytes_) {}
    T* kernel(std::int64_t shard) const { return at(shard, 0); }
    T* at(std::int64_t shard, std::size_t offset) const {
      return reinterpret_cast<T*>(shards + static_cast<std::size_t>(shard) * shard_bytes + offset);
    }
  };

  const T* optional(const KernelArguments& a, std::ptrdiff_t index) const {
    return index < 0 ? nullptr : static_cast<const T*>(a.inputs[index]);
  }

  /// Fills dz of a group's rows, and leaves in dh and dc the gradients of the initial states.
  void back_through_time(const KernelArguments& a, const Operands<T>& in, const Memory& m,
                         std::int64_t first, std::int64_t rows) const {
    const T* dsequence = optional(a, dsequence_);
    const T* dhidden = optional(a, dhidden_);
    const T* dcell = optional(a, dcell_);
    const T* sequence = static_cast<const T*>(a.inputs[sequence_]);
    const T* zero = static_cast<const T*>(zeros_.raw());
    T* dh = m.dh + first * s_.units;
    T* dc = m.dc + first * s_.units;
    const auto start = [&](const T* from, T* to) {
      if (from) {
        std::copy(from + first * s_.units, from + (first + rows) * s_.units, to);
      } else {
        std::fill(to, to + rows * s_.units, T{0});
      }
    };
    start(dhidden, dh);
    start(dcell, dc);
    for (std::int64_t t = s_.steps; t-- > 0;) {
      for (std::int64_t r = 0; r < rows; ++r) {
        const std::int64_t line = (first + r) * s_.steps + t;
        T* dh_row = dh + r * s_.units;
        if (dsequence) {
          for (std::int64_t k = 0; k < s_.units; ++k) dh_row[k] += dsequence[line * s_.units + k];
        }
        const T* gates = nullptr;
        const T* cells = nullptr;
        const T* previous = nullptr;
        if constexpr (kLstm) {
          gates = static_cast<const T*>(a.inputs[gates_]) + line * s_.width();
          cells = static_cast<const T*>(a.inputs[cells_]) + line * s_.units;
          previous = t > 0 ? cells - s_.units : in.c0 ? in.c0 + (first + r) * s_.units : zero;
        }
        cell_.backward(gates, previous, cells, sequence + line * s_.units, dh_row,
                       dc + r * s_.units, m.dz + line * s_.width(), s_.units);
      }
      std::fill(dh, dh + rows * s_.units, T{0});
      if (t == 0 && !in.h0) break;
      rows_gemm(m.dz + (first * s_.steps + t) * s_.width(), s_.steps * s_.width(), m.packed, dh,
                s_.units, rows, s_.width(), s_.units);
    }
  }

  void weight_gradients(const KernelArguments& a, const Operands<T>& in, const Memory& m,
                        std::int64_t shard, std::int64_t first, std::int64_t rows) const {
    const std::int64_t width = s_.width();
    const std::int64_t lines = rows * s_.steps;
    const T* x = in.x + first * s_.steps * s_.features;
    const T* dz = m.dz + first * s_.steps * width;
    T* dx = static_cast<T*>(a.outputs[0]) + first * s_.steps * s_.features;
    gemm('N', 'T', lines, s_.features, width, dz, width, in.kernel, width, T{0}, dx, s_.features);
    gemm('T', 'N', s_.features, width, lines, x, s_.features, dz, width, T{1}, m.kernel(shard),
         width);
    T* recurrent = m.at(shard, kernel_bytes_);
    const T* sequence = static_cast<const T*>(a.inputs[sequence_]) + first * s_.steps * s_.units;
    for (std::int64_t r = 0; r < rows; ++r) {
      if (s_.steps > 1) {
        gemm('T', 'N', s_.units, width, s_.steps - 1, sequence + r * s_.steps * s_.units, s_.units,
             dz + (r * s_.steps + 1) * width, width, T{1}, recurrent, width);
      }
    }
    if (in.h0) {
      gemm('T', 'N', s_.units, width, rows, in.h0 + first * s_.units, s_.units, dz,
           s_.steps * width, T{1}, recurrent, width);
    }
    T* bias = m.at(shard, kernel_bytes_ + recurrent_bytes_);
    for (std::int64_t line = 0; s_.bias && line < lines; ++line) {
      for (std::int64_t k = 0; k < width; ++k) bias[k] += dz[line * width + k];
    }
  }

  void add_shards(const Memory& m, std::size_t offset, T* to, std::int64_t count) const {
    constexpr std::int64_t kPiece = 4096;
    parallel_for((count + kPiece - 1) / kPiece, [&](std::int64_t piece) {
      const std::int64_t begin = piece * kPiece;
      const std::int64_t end = std::min(count, begin + kPiece);
      std::copy(m.at(0, offset) + begin, m.at(0, offset) + end, to + begin);
      for (std::int64_t shard = 1; shard < s_.shards(); ++shard) {
        const T* from = m.at(shard, offset);
        for (std::int64_t k = begin; k < end; ++k) to[k] += from[k];
      }
    });
  }

  RnnShape s_;
  Cell cell_;
  std::size_t sequence_ = 0, gates_ = 0, cells_ = 0;
  /// Input numbers of the cotangents; negative when absent.
  std::ptrdiff_t dsequence_ = -1, dhidden_ = -1, dcell_ = -1;
  std::size_t packed_bytes_, dz_bytes_, state_bytes_, kernel_bytes_, recurrent_bytes_, bias_bytes_;
  Tensor zeros_;
};

template <template <typename, typename> class Make>
std::unique_ptr<Kernel> make_lstm(const KernelRequest& r) {
  if (r.outputs[0].dtype == DType::Float64)
    return std::make_unique<Make<double, LstmCell<double>>>(r, LstmCell<double>());
  return std::make_unique<Make<float, LstmCell<float>>>(r, LstmCell<float>());
}

template <template <typename, typename> class Make>
std::unique_ptr<Kernel> make_simple(const KernelRequest& r) {
  const std::string& activation = r.attributes.get<std::string>("activation");
  if (r.outputs[0].dtype == DType::Float64) {
    return std::make_unique<Make<double, SimpleCell<double>>>(r, SimpleCell<double>(activation));
  }
  return std::make_unique<Make<float, SimpleCell<float>>>(r, SimpleCell<float>(activation));
}

const RegisterKernel lstm({.op = "lstm", .create = make_lstm<RnnForward>});
const RegisterKernel lstm_backward({.op = "lstm_backward", .create = make_lstm<RnnBackward>});
const RegisterKernel simple_rnn({.op = "simple_rnn", .create = make_simple<RnnForward>});
const RegisterKernel simple_rnn_backward({.op = "simple_rnn_backward",
                                          .create = make_simple<RnnBackward>});

}  // namespace
}  // namespace sinew::cpu
