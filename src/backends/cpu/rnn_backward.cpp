// Recurrent layers, backward. FLOPs: twice forward's.
//
// A shard's groups of rows go back through the sequence, a chunk of steps at a time: step by step
// the cell, which leaves dz, and dh = dz U^T; then, while the chunk's dz (128 rows of 512 gates,
// 256 KB) is in the second-level cache, dx = dz W^T and the weights' gradients, [x h_previous]^T
// dz, as one product over the chunk's rows: kernel, recurrent kernel (and bias, which the cell adds
// up) lie together. [x h_previous] is copied with a row of 4 elements more, so that its columns,
// which the product reads, do not fall on the same few sets of the first-level cache. Shards are
// added in order; the bits depend on the shape and not on the number of threads.

#include <algorithm>
#include <cstring>

#include "backends/cpu/onednn.h"
#include "backends/cpu/packed_weights.h"
#include "backends/cpu/registry.h"
#include "backends/cpu/rnn_create.h"
#include "backends/cpu/rnn_shape.h"
#include "backends/cpu/rows_gemm.h"
#include "backends/cpu/sum_shards.h"
#include "sinew/base/parallel.h"

namespace sinew::cpu {
namespace {

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
    needs_dx_ = r.needs(0);
    zeros_ = Tensor(Shape{s_.units}, DTypeOf<T>::value);
    const std::int64_t lines = RnnShape::kGroup * std::min(s_.steps, RnnShape::kChunk);
    const auto reserve = [](std::size_t& total, std::size_t elements) {
      const std::size_t at = total;
      total += onednn::aligned(elements * sizeof(T));
      return at;
    };
    const auto count = [](std::int64_t elements) { return static_cast<std::size_t>(elements); };
    recurrent_ = {r.inputs[2], packed_layout<T>(s_.width(), s_.units, true)};
    if (needs_dx_) kernel_ = {r.inputs[1], packed_layout<T>(s_.width(), s_.features, true)};
    scratch_bytes_ = packed_bytes();
    dh_at_ = reserve(scratch_bytes_, count(s_.rows * s_.units));
    dc_at_ = reserve(scratch_bytes_, count(s_.rows * s_.units));
    shards_at_ = scratch_bytes_;
    reserve(shard_bytes_, count((s_.features + s_.units + 1) * s_.width()));
    shard_dz_at_ = reserve(shard_bytes_, count(lines * s_.width()));
    shard_packed_at_ = reserve(shard_bytes_, packed_size<T>(lines, s_.width()));
    shard_left_at_ = reserve(shard_bytes_, count(lines * left_row()));
    scratch_bytes_ += count(s_.shards()) * shard_bytes_;
  }
  std::size_t scratch_bytes() const override { return scratch_bytes_; }
  std::size_t packed_bytes() const override { return recurrent_.bytes() + kernel_.bytes(); }
  static std::vector<std::string> layouts(const KernelRequest& r) {
    std::vector<std::string> wanted(r.inputs.size());
    if (r.needs(0)) wanted[1] = packed_name<T>(r.inputs[1].shape, true);
    wanted[2] = packed_name<T>(r.inputs[2].shape, true);
    return wanted;
  }

  void run(const KernelArguments& a) override {
    const RnnOperands<T> in(s_, a.inputs);
    const std::int64_t width = s_.width();
    char* scratch = static_cast<char*>(a.scratch);
    const T* recurrent = static_cast<const T*>(recurrent_.pack(in.recurrent, scratch));
    const T* kernel = static_cast<const T*>(kernel_.pack(in.kernel, scratch + recurrent_.bytes()));
    parallel_for(s_.shards(), [&](std::int64_t shard) {
      Shard m(*this, scratch, shard);
      m.recurrent = recurrent;
      m.kernel = kernel;
      std::fill_n(m.bias, width, T{0});
      const std::int64_t end = s_.first_row(shard + 1);
      for (std::int64_t row = s_.first_row(shard); row < end; row += RnnShape::kGroup)
        run_group(a, in, m, row, std::min(RnnShape::kGroup, end - row));
    });
    const auto stride = static_cast<std::int64_t>(shard_bytes_ / sizeof(T));
    const T* gradients = at(scratch, shards_at_);
    const auto add = [&](std::int64_t first, std::int64_t rows, void* to) {
      sum_shards(gradients + first * width, stride, s_.shards(), rows * width, static_cast<T*>(to));
    };
    add(0, s_.features, a.outputs[1]);
    add(s_.features, s_.units, a.outputs[2]);
    std::size_t next = 3;
    if (s_.bias) add(s_.features + s_.units, 1, a.outputs[next++]);
    const auto state_bytes = static_cast<std::size_t>(s_.rows * s_.units) * sizeof(T);
    if (s_.h0) std::memcpy(a.outputs[next++], at(scratch, dh_at_), state_bytes);
    if (s_.c0) std::memcpy(a.outputs[next++], at(scratch, dc_at_), state_bytes);
  }

 private:
  static constexpr bool kLstm = Cell::kGates == 4;

  static T* at(char* scratch, std::size_t offset) { return reinterpret_cast<T*>(scratch + offset); }

  /// A shard's scratch memory.
  struct Shard {
    /// U^T and W^T in panels, shared.
    const T *recurrent = nullptr, *kernel = nullptr;
    /// The states' gradients, shared.
    T *dh, *dc;
    /// Gradients of kernel, recurrent kernel and bias, one below the other.
    T *weights, *bias;
    /// Of one chunk: dz, the same packed, and [x h_previous].
    T *dz, *packed, *left;
    bool started = false;

    Shard(const RnnBackward& k, char* scratch, std::int64_t shard) {
      char* own = scratch + k.shards_at_ + static_cast<std::size_t>(shard) * k.shard_bytes_;
      dh = at(scratch, k.dh_at_);
      dc = at(scratch, k.dc_at_);
      weights = at(own, 0);
      bias = weights + (k.s_.features + k.s_.units) * k.s_.width();
      dz = at(own, k.shard_dz_at_);
      packed = at(own, k.shard_packed_at_);
      left = at(own, k.shard_left_at_);
    }
  };

  /// Rows of one group in one chunk of steps.
  struct Chunk {
    std::int64_t first, rows, begin, end;
    std::int64_t steps() const { return end - begin; }
  };

  std::int64_t left_row() const { return s_.features + s_.units + 4; }

  const T* optional(const KernelArguments& a, std::ptrdiff_t index) const {
    return index < 0 ? nullptr : static_cast<const T*>(a.inputs[index]);
  }

  /// Leaves in dh and dc the gradients of the initial states.
  void run_group(const KernelArguments& a, const RnnOperands<T>& in, Shard& m, std::int64_t first,
                 std::int64_t rows) const {
    const auto start = [&](const T* from, T* to) {
      const std::int64_t begin = first * s_.units;
      if (from) {
        std::copy_n(from + begin, rows * s_.units, to + begin);
      } else {
        std::fill_n(to + begin, rows * s_.units, T{0});
      }
    };
    start(optional(a, dhidden_), m.dh);
    start(optional(a, dcell_), m.dc);
    for (std::int64_t end = s_.steps; end > 0;) {
      const std::int64_t begin = (end - 1) / RnnShape::kChunk * RnnShape::kChunk;
      const Chunk chunk{first, rows, begin, end};
      for (std::int64_t t = end; t-- > begin;) step(a, in, m, chunk, t);
      if (needs_dx_) input_gradients(a, m, chunk);
      weight_gradients(a, in, m, chunk);
      end = begin;
    }
  }

  void step(const KernelArguments& a, const RnnOperands<T>& in, const Shard& m, const Chunk& chunk,
            std::int64_t t) const {
    const std::int64_t line = chunk.first * s_.steps + t;
    const std::int64_t row = s_.steps * s_.units;
    const T* dsequence = optional(a, dsequence_);
    T* dh = m.dh + chunk.first * s_.units;
    CellBackwardStep<T> cell{.rows = chunk.rows,
                             .units = s_.units,
                             .gates = nullptr,
                             .gates_row = s_.steps * s_.width(),
                             .c_previous = static_cast<const T*>(zeros_.raw()),
                             .c_previous_row = 0,
                             .c = nullptr,
                             .h = static_cast<const T*>(a.inputs[sequence_]) + line * s_.units,
                             .dsequence = dsequence ? dsequence + line * s_.units : nullptr,
                             .row = row,
                             .dh = dh,
                             .dc = m.dc + chunk.first * s_.units,
                             .dz = m.dz + (t - chunk.begin) * s_.width(),
                             .dz_row = chunk.steps() * s_.width(),
                             .db = m.bias};
    if (kLstm) {
      cell.gates = static_cast<const T*>(a.inputs[gates_]) + line * s_.width();
      cell.c = static_cast<const T*>(a.inputs[cells_]) + line * s_.units;
      if (t > 0) {
        cell.c_previous = cell.c - s_.units;
        cell.c_previous_row = row;
      } else if (in.c0) {
        cell.c_previous = in.c0 + chunk.first * s_.units;
        cell.c_previous_row = s_.units;
      }
    }
    cell_.backward(cell);
    if (t == 0 && !in.h0) return;
    rows_gemm(RowsProduct<T>{.a = cell.dz,
                             .a_row = cell.dz_row,
                             .a_inner = 1,
                             .b = m.recurrent,
                             .c = dh,
                             .c_row = s_.units,
                             .rows = chunk.rows,
                             .inner = s_.width(),
                             .columns = s_.units});
  }

  void input_gradients(const KernelArguments& a, const Shard& m, const Chunk& chunk) const {
    T* dx = static_cast<T*>(a.outputs[0]);
    for (std::int64_t r = 0; r < chunk.rows; ++r) {
      const std::int64_t line = (chunk.first + r) * s_.steps + chunk.begin;
      rows_gemm(RowsProduct<T>{.a = m.dz + r * chunk.steps() * s_.width(),
                               .a_row = s_.width(),
                               .a_inner = 1,
                               .b = m.kernel,
                               .c = dx + line * s_.features,
                               .c_row = s_.features,
                               .rows = chunk.steps(),
                               .inner = s_.width(),
                               .columns = s_.features});
    }
  }

  void weight_gradients(const KernelArguments& a, const RnnOperands<T>& in, Shard& m,
                        const Chunk& chunk) const {
    const T* sequence = static_cast<const T*>(a.inputs[sequence_]);
    T* left = m.left;
    for (std::int64_t row = chunk.first; row < chunk.first + chunk.rows; ++row) {
      for (std::int64_t t = chunk.begin; t < chunk.end; ++t, left += left_row()) {
        const std::int64_t line = row * s_.steps + t;
        std::copy_n(in.x + line * s_.features, s_.features, left);
        const T* previous = t > 0   ? sequence + (line - 1) * s_.units
                            : in.h0 ? in.h0 + row * s_.units
                                    : static_cast<const T*>(zeros_.raw());
        std::copy_n(previous, s_.units, left + s_.features);
      }
    }
    const std::int64_t lines = chunk.rows * chunk.steps();
    pack(m.dz, lines, s_.width(), s_.width(), 1, m.packed);
    rows_gemm(RowsProduct<T>{.a = m.left,
                             .a_row = 1,
                             .a_inner = left_row(),
                             .b = m.packed,
                             .c = m.weights,
                             .c_row = s_.width(),
                             .rows = s_.features + s_.units,
                             .inner = lines,
                             .columns = s_.width(),
                             .accumulate = m.started});
    m.started = true;
  }

  RnnShape s_;
  Cell cell_;
  std::size_t sequence_ = 0, gates_ = 0, cells_ = 0;
  /// Input numbers of the cotangents; negative when absent.
  std::ptrdiff_t dsequence_ = -1, dhidden_ = -1, dcell_ = -1;
  bool needs_dx_;
  PackedWeights kernel_, recurrent_;
  /// Offsets in the scratch memory, and in a shard's part of it.
  std::size_t dh_at_, dc_at_, shards_at_;
  std::size_t shard_dz_at_, shard_packed_at_, shard_left_at_;
  std::size_t scratch_bytes_ = 0, shard_bytes_ = 0;
  Tensor zeros_;
};

const RegisterKernel lstm_backward({
    .op = "lstm_backward",
    .create = create_lstm<RnnBackward>,
    .layouts = lstm_layouts<RnnBackward>,
});
const RegisterKernel simple_rnn_backward({
    .op = "simple_rnn_backward",
    .create = create_simple_rnn<RnnBackward>,
    .layouts = simple_rnn_layouts<RnnBackward>,
});

}  // namespace
}  // namespace sinew::cpu
