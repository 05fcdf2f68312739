// Recurrent layers, backward. FLOPs: twice forward's.
//
// A shard's groups of rows go back through the sequence, a chunk of steps at a time: step by step
// the cell, which leaves dz, and dh = dz U^T; then, while the chunk's dz (128 rows of 512 gates,
// 256 KB) is in the second-level cache, dx = dz W^T and the weights' gradients, [x h_previous]^T
// dz, as one product over the chunk's rows: kernel, recurrent kernel (and bias, which the cell adds
// up) lie together. A GRU's products of inputs and of states have gradients of their own, dz and
// du, and then so have the weights: two products, and du in place of dz in dh; one that resets
// before the product has [x h_previous reset h_previous]. [x h_previous] is copied with a row of 4
// elements more, so that its columns, which the product reads, do not fall on the same few sets of
// the first-level cache. Where rows have lengths of their own (see rnn.cpp) dz is zero in what a
// chunk has beyond a row's. Shards are added in order; the bits depend on the shape and not on the
// number of threads.

#include <algorithm>
#include <cstring>
#include <functional>

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
  RnnBackward(const KernelRequest& r, Cell cell)
      : where_(r.where), s_(r, Cell::kGates), cell_(cell) {
    std::size_t next = s_.operands();
    sequence_ = next++;
    if (kHasGates) gates_ = next++;
    if (kHasC) cells_ = next++;
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
    reserve(shard_bytes_, count((s_.features + s_.units + kBiases) * s_.width()));
    shard_dz_at_ = reserve(shard_bytes_, count(lines * s_.width()));
    shard_du_at_ = shard_dz_at_;
    if (Cell::kProductsApart) shard_du_at_ = reserve(shard_bytes_, count(lines * s_.width()));
    if (Cell::kResetBefore)
      shard_du_at_ = reserve(shard_bytes_, count(RnnShape::kGroup * s_.units));
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
    in.check_lengths(s_, where_);
    const std::int64_t width = s_.width();
    char* scratch = static_cast<char*>(a.scratch);
    const T* recurrent = static_cast<const T*>(recurrent_.pack(in.recurrent, scratch));
    const T* kernel = static_cast<const T*>(kernel_.pack(in.kernel, scratch + recurrent_.bytes()));
    const auto run_shard = [&](std::int64_t shard) {
      Shard m(*this, scratch, shard);
      m.recurrent = recurrent;
      m.kernel = kernel;
      std::fill_n(m.bias, kBiases * width, T{0});
      const std::int64_t end = s_.first_row(shard + 1);
      for (std::int64_t row = s_.first_row(shard); row < end; row += RnnShape::kGroup)
        run_group(a, in, m, row, std::min(RnnShape::kGroup, end - row));
      if (!m.started) std::fill_n(m.weights, (s_.features + s_.units) * width, T{0});
    };
    if (s_.lengths) {
      parallel_for_uneven(s_.shards(), run_shard);
    } else {
      parallel_for(s_.shards(), run_shard);
    }
    const auto stride = static_cast<std::int64_t>(shard_bytes_ / sizeof(T));
    const T* gradients = at(scratch, shards_at_);
    const auto add = [&](std::int64_t first, std::int64_t rows, void* to) {
      sum_shards(gradients + first * width, stride, s_.shards(), rows * width, static_cast<T*>(to));
    };
    add(0, s_.features, a.outputs[1]);
    add(s_.features, s_.units, a.outputs[2]);
    std::size_t next = 3;
    if (s_.bias) add(s_.features + s_.units, kBiases, a.outputs[next++]);
    const auto state_bytes = static_cast<std::size_t>(s_.rows * s_.units) * sizeof(T);
    if (s_.h0) std::memcpy(a.outputs[next++], at(scratch, dh_at_), state_bytes);
    if (s_.c0) std::memcpy(a.outputs[next++], at(scratch, dc_at_), state_bytes);
  }

 private:
  static constexpr bool kLstm = Cell::kGates == 4;
  static constexpr bool kHasGates = Cell::kGates > 1;
  static constexpr bool kHasC = Cell::kC != kNone;
  static constexpr std::int64_t kBiases = Cell::kProductsApart ? 2 : 1;

  static T* at(char* scratch, std::size_t offset) { return reinterpret_cast<T*>(scratch + offset); }

  /// A shard's scratch memory.
  struct Shard {
    /// U^T and W^T in panels, shared.
    const T *recurrent = nullptr, *kernel = nullptr;
    /// The states' gradients, shared.
    T *dh, *dc;
    /// Gradients of kernel, recurrent kernel and bias, one below the other.
    T *weights, *bias;
    /// Of one chunk: dz, du, one of them packed, and [x h_previous]. du is dz where products are
    /// one, and of one step where a GRU resets before the product.
    T *dz, *du, *packed, *left;
    bool started = false;

    Shard(const RnnBackward& k, char* scratch, std::int64_t shard) {
      char* own = scratch + k.shards_at_ + static_cast<std::size_t>(shard) * k.shard_bytes_;
      dh = at(scratch, k.dh_at_);
      dc = at(scratch, k.dc_at_);
      weights = at(own, 0);
      bias = weights + (k.s_.features + k.s_.units) * k.s_.width();
      dz = at(own, k.shard_dz_at_);
      du = at(own, k.shard_du_at_);
      packed = at(own, k.shard_packed_at_);
      left = at(own, k.shard_left_at_);
    }
  };

  /// Rows of one group in one chunk of steps.
  struct Chunk {
    std::int64_t first, rows, begin, end;
    std::int64_t steps() const { return end - begin; }
  };

  std::int64_t left_row() const {
    return s_.features + s_.units * (Cell::kResetBefore ? 2 : 1) + 4;
  }

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
    for (std::int64_t end = in.steps_of(first); end > 0;) {
      const std::int64_t begin = (end - 1) / RnnShape::kChunk * RnnShape::kChunk;
      const Chunk chunk{first, in.rows_at(begin, first, rows), begin, end};
      clear_beyond(in, m, chunk);
      for (std::int64_t t = end; t-- > begin;) step(a, in, m, chunk, t);
      if (needs_dx_) input_gradients(a, in, m, chunk);
      weight_gradients(a, in, m, chunk);
      end = begin;
    }
    for (std::int64_t row = first; needs_dx_ && row < first + rows; ++row) {
      const std::int64_t steps = in.steps_of(row);
      std::fill_n(static_cast<T*>(a.outputs[0]) + (row * s_.steps + steps) * s_.features,
                  (s_.steps - steps) * s_.features, T{0});
    }
  }

  /// dz of the steps of a chunk that a row has not.
  void clear_beyond(const RnnOperands<T>& in, const Shard& m, const Chunk& chunk) const {
    for (std::int64_t r = 0; r < chunk.rows; ++r) {
      const std::int64_t steps = std::min(chunk.end, in.steps_of(chunk.first + r)) - chunk.begin;
      const std::int64_t from = (r * chunk.steps() + steps) * s_.width();
      const std::int64_t count = (chunk.steps() - steps) * s_.width();
      std::fill_n(m.dz + from, count, T{0});
      if (Cell::kProductsApart) std::fill_n(m.du + from, count, T{0});
    }
  }

  void step(const KernelArguments& a, const RnnOperands<T>& in, const Shard& m, const Chunk& chunk,
            std::int64_t t) const {
    const std::int64_t line = chunk.first * s_.steps + t;
    const std::int64_t row = s_.steps * s_.units;
    const T* dsequence = optional(a, dsequence_);
    T* dh = m.dh + chunk.first * s_.units;
    const std::int64_t rows = in.rows_at(t, chunk.first, chunk.rows);
    CellBackwardStep<T> cell{
        .rows = rows,
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
        .du = Cell::kResetBefore ? m.du : m.du + (t - chunk.begin) * s_.width(),
        .dz_row = chunk.steps() * s_.width(),
        .db = m.bias,
        .db_state = m.bias + (kBiases - 1) * s_.width()};
    if constexpr (kHasGates) cell.gates = gates(a) + line * s_.width();
    if constexpr (kHasGates) {
      if (kHasC) cell.c = static_cast<const T*>(a.inputs[cells_]) + line * s_.units;
      // A GRU's is its state.
      const T* initial = kLstm ? in.c0 : in.h0;
      if (t > 0) {
        cell.c_previous = (kLstm ? cell.c : cell.h) - s_.units;
        cell.c_previous_row = row;
      } else if (initial) {
        cell.c_previous = initial + chunk.first * s_.units;
        cell.c_previous_row = s_.units;
      }
    }
    RowsProduct<T> product{.a = Cell::kResetBefore ? cell.dz : cell.du,
                           .a_row = cell.dz_row,
                           .a_inner = 1,
                           .b = m.recurrent,
                           .c = dh,
                           .c_row = s_.units,
                           .rows = rows,
                           .inner = s_.width(),
                           .columns = s_.units,
                           .accumulate = Cell::kProductsApart || Cell::kResetBefore,
                           .b_rows = s_.width()};
    if constexpr (Cell::kResetBefore) {
      cell_.backward_candidate(cell);
      product.inner = 2 * s_.units;
      RowsProduct<T> of_candidate = product;
      of_candidate.a += product.inner;
      of_candidate.b += product.inner * panel_width<T>();
      of_candidate.c = cell.du;
      of_candidate.inner = s_.units;
      of_candidate.accumulate = false;
      rows_gemm(of_candidate);
    }
    cell_.backward(cell);
    if (t > 0 || in.h0) rows_gemm(product);
  }

  const T* gates(const KernelArguments& a) const { return static_cast<const T*>(a.inputs[gates_]); }

  void input_gradients(const KernelArguments& a, const RnnOperands<T>& in, const Shard& m,
                       const Chunk& chunk) const {
    T* dx = static_cast<T*>(a.outputs[0]);
    for (std::int64_t r = 0; r < chunk.rows; ++r) {
      const std::int64_t line = (chunk.first + r) * s_.steps + chunk.begin;
      rows_gemm(
          RowsProduct<T>{.a = m.dz + r * chunk.steps() * s_.width(),
                         .a_row = s_.width(),
                         .a_inner = 1,
                         .b = m.kernel,
                         .c = dx + line * s_.features,
                         .c_row = s_.features,
                         .rows = std::min(chunk.end, in.steps_of(chunk.first + r)) - chunk.begin,
                         .inner = s_.width(),
                         .columns = s_.features});
    }
  }

  void weight_gradients(const KernelArguments& a, const RnnOperands<T>& in, Shard& m,
                        const Chunk& chunk) const {
    const T* sequence = static_cast<const T*>(a.inputs[sequence_]);
    T* left = m.left;
    for (std::int64_t row = chunk.first; row < chunk.first + chunk.rows; ++row) {
      const std::int64_t end = std::min(chunk.end, in.steps_of(row));
      for (std::int64_t t = chunk.begin; t < end; ++t, left += left_row()) {
        const std::int64_t line = row * s_.steps + t;
        std::copy_n(in.x + line * s_.features, s_.features, left);
        const T* previous = t > 0   ? sequence + (line - 1) * s_.units
                            : in.h0 ? in.h0 + row * s_.units
                                    : static_cast<const T*>(zeros_.raw());
        std::copy_n(previous, s_.units, left + s_.features);
        if constexpr (Cell::kResetBefore) {
          const T* reset = gates(a) + line * s_.width() + s_.units;
          std::transform(previous, previous + s_.units, reset, left + s_.features + s_.units,
                         std::multiplies<T>());
        }
      }
      for (std::int64_t t = end; t < chunk.end; ++t, left += left_row())
        std::fill_n(left, left_row(), T{0});
    }
    const std::int64_t lines = chunk.rows * chunk.steps();
    // Of the weights, kernel and recurrent kernel one below the other, some rows and columns: from
    // the columns of `left` from `from` on.
    struct Part {
      std::int64_t row, rows, column, columns;
    };
    const auto add = [&](const Part& part, std::int64_t from, const T* slopes) {
      pack(slopes + part.column, lines, part.columns, s_.width(), 1, m.packed);
      rows_gemm(RowsProduct<T>{.a = m.left + from,
                               .a_row = 1,
                               .a_inner = left_row(),
                               .b = m.packed,
                               .c = m.weights + part.row * s_.width() + part.column,
                               .c_row = s_.width(),
                               .rows = part.rows,
                               .inner = lines,
                               .columns = part.columns,
                               .accumulate = m.started});
    };
    const std::int64_t below = s_.features, units = s_.units;
    if constexpr (Cell::kProductsApart) {
      add({0, below, 0, s_.width()}, 0, m.dz);
      add({below, units, 0, s_.width()}, below, m.du);
    } else if constexpr (Cell::kResetBefore) {
      add({0, below, 0, s_.width()}, 0, m.dz);
      add({below, units, 0, 2 * units}, below, m.dz);
      add({below, units, 2 * units, units}, below + units, m.dz);
    } else {
      add({0, below + units, 0, s_.width()}, 0, m.dz);
    }
    m.started = true;
  }

  std::string where_;
  RnnShape s_;
  Cell cell_;
  std::size_t sequence_ = 0, gates_ = 0, cells_ = 0;
  /// Input numbers of the cotangents; negative when absent.
  std::ptrdiff_t dsequence_ = -1, dhidden_ = -1, dcell_ = -1;
  bool needs_dx_;
  PackedWeights kernel_, recurrent_;
  /// Offsets in the scratch memory, and in a shard's part of it.
  std::size_t dh_at_, dc_at_, shards_at_;
  std::size_t shard_dz_at_, shard_du_at_, shard_packed_at_, shard_left_at_;
  std::size_t scratch_bytes_ = 0, shard_bytes_ = 0;
  Tensor zeros_;
};

const RegisterKernel lstm_backward({
    .op = "lstm_backward",
    .create = create_rnn<RnnBackward, LstmCell>,
    .layouts = rnn_layouts<RnnBackward, LstmCell>,
});
const RegisterKernel gru_backward({
    .op = "gru_backward",
    .create = create_gru<RnnBackward>,
    .layouts = gru_layouts<RnnBackward>,
});
const RegisterKernel simple_rnn_backward({
    .op = "simple_rnn_backward",
    .create = create_simple_rnn<RnnBackward>,
    .layouts = rnn_layouts<RnnBackward, SimpleCell>,
});

}  // namespace
}  // namespace sinew::cpu
