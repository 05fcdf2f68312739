// Recurrent layers, forward. FLOPs: 2 N T (I + H) G H (G gates; 4 for an LSTM).
//
// One thread takes a shard of batch rows through the whole sequence, without a barrier between
// steps: for a chunk of steps the product of their inputs, then step by step the small product with
// the recurrent weights and the cell. Both weights lie in panels (256 KB each for 128 units), where
// the layout pass keeps them, and, with a chunk's z, stay in the core's second-level cache. So the
// multiply-adds are the bound, then the cells (see rnn_cells-inl.h).
//
// Where rows have lengths of their own, the longest come first: a group takes as many steps as its
// first row, each with the rows that still have one, and threads take shards as they get to them.
//
// A batch of one group of rows is cut by units instead, with a barrier at each step: for one row
// the bound is reading the recurrent weights, from each core's own second-level cache.
//
// The bits depend on the shape and not on the number of threads.

#include <algorithm>

#include "backends/cpu/packed_weights.h"
#include "backends/cpu/registry.h"
#include "backends/cpu/rnn_create.h"
#include "backends/cpu/rnn_shape.h"
#include "backends/cpu/rows_gemm.h"
#include "sinew/base/parallel.h"

namespace sinew::cpu {
namespace {

template <typename T, typename Cell>
class RnnForward : public Kernel {
 public:
  RnnForward(const KernelRequest& r, Cell cell)
      : where_(r.where), s_(r, Cell::kGates), cell_(cell) {
    zeros_ = Tensor(Shape{s_.units}, DTypeOf<T>::value);
    by_units_ = is_by_units(s_);
    if (by_units_) return;
    kernel_ = {r.inputs[1], packed_layout<T>(s_.features, s_.width(), false)};
    recurrent_ = {r.inputs[2], packed_layout<T>(s_.units, s_.width(), false)};
  }
  static std::vector<std::string> layouts(const KernelRequest& r) {
    const RnnShape s(r, Cell::kGates);
    std::vector<std::string> wanted(r.inputs.size());
    if (is_by_units(s)) return wanted;
    wanted[1] = packed_name<T>(r.inputs[1].shape, false);
    wanted[2] = packed_name<T>(r.inputs[2].shape, false);
    return wanted;
  }
  std::size_t scratch_bytes() const override { return packed_bytes() + products_bytes(); }
  std::size_t packed_bytes() const override { return kernel_.bytes() + recurrent_.bytes(); }

  void run(const KernelArguments& a) override {
    const RnnOperands<T> in(s_, a.inputs);
    in.check_lengths(s_, where_);
    char* scratch = static_cast<char*>(a.scratch);
    if (by_units_) {
      run_by_units(a, in);
    } else {
      const T* kernel = static_cast<const T*>(kernel_.pack(in.kernel, scratch));
      const T* recurrent =
          static_cast<const T*>(recurrent_.pack(in.recurrent, scratch + kernel_.bytes()));
      const auto run_shard = [&](std::int64_t shard) {
        const std::int64_t end = s_.first_row(shard + 1);
        for (std::int64_t row = s_.first_row(shard); row < end; row += RnnShape::kGroup)
          run_group(a, in, kernel, recurrent, row, std::min(RnnShape::kGroup, end - row));
      };
      if (s_.lengths) {
        parallel_for_uneven(s_.shards(), run_shard);
      } else {
        parallel_for(s_.shards(), run_shard);
      }
    }
    finish(a, in);
  }

 private:
  static constexpr bool kLstm = Cell::kGates == 4;
  static constexpr bool kHasC = Cell::kC != kNone;

  /// Of h U of one step, where it, or the candidate's part of it, is made apart from x W.
  std::size_t products_bytes() const {
    return Cell::kProductsApart || Cell::kResetBefore
               ? static_cast<std::size_t>(s_.rows * s_.width()) * sizeof(T)
               : 0;
  }

  static bool is_by_units(const RnnShape& s) {
    return !Cell::kResetBefore && s.groups() == 1 && s.units % panel_width<T>() == 0;
  }

  struct Rows {
    std::int64_t first, count;
  };
  struct Units {
    std::int64_t first, count;
  };

  void run_group(const KernelArguments& a, const RnnOperands<T>& in, const T* kernel,
                 const T* recurrent, std::int64_t first, std::int64_t rows) const {
    const std::int64_t steps = in.steps_of(first);
    for (std::int64_t begin = 0; begin < steps; begin += RnnShape::kChunk) {
      const std::int64_t end = std::min(steps, begin + RnnShape::kChunk);
      for (std::int64_t row = first; row < first + in.rows_at(begin, first, rows); ++row) {
        const std::int64_t line = row * s_.steps + begin;
        rows_gemm(RowsProduct<T>{.a = in.x + line * s_.features,
                                 .a_row = s_.features,
                                 .a_inner = 1,
                                 .b = kernel,
                                 .c = gates(a) + line * s_.width(),
                                 .c_row = s_.width(),
                                 .rows = std::min(end, in.steps_of(row)) - begin,
                                 .inner = s_.features,
                                 .columns = s_.width(),
                                 .start = in.bias});
      }
      for (std::int64_t t = begin; t < end; ++t)
        step(a, in, recurrent, {first, in.rows_at(t, first, rows)}, {0, s_.units}, t);
    }
  }

  /// Each task has a panel's units in all gates; weights are read as they lie.
  void run_by_units(const KernelArguments& a, const RnnOperands<T>& in) const {
    const std::int64_t block = panel_width<T>();
    const std::int64_t steps = in.steps_of(0);
    parallel_phases(1 + steps, s_.units / block, [&](std::int64_t phase, std::int64_t i) {
      const Units units{i * block, block};
      if (phase > 0) {
        const std::int64_t t = phase - 1;
        return step(a, in, in.recurrent, {0, in.rows_at(t, 0, s_.rows)}, units, t);
      }
      rows_gemm(of_units({.a = in.x,
                          .a_row = s_.features,
                          .a_inner = 1,
                          .b = in.kernel,
                          .c = gates(a) + units.first,
                          .c_row = s_.width(),
                          .rows = s_.rows * s_.steps,
                          .inner = s_.features,
                          .columns = s_.width(),
                          .start = in.bias ? in.bias + units.first : nullptr},
                         units));
    });
  }

  /// A product with weights as they lie, for some units' columns of each gate.
  RowsProduct<T> of_units(RowsProduct<T> product, const Units& units) const {
    product.b += units.first;
    product.b_row = s_.width();
    product.columns = units.count;
    product.groups = s_.gates;
    product.b_group = product.c_group = s_.units;
    return product;
  }

  /// States after each row's last step, and zeros in the sequence from there on.
  void finish(const KernelArguments& a, const RnnOperands<T>& in) const {
    T* sequence = static_cast<T*>(a.outputs[0]);
    for (std::int64_t row = 0; row < s_.rows; ++row) {
      const std::int64_t steps = in.steps_of(row);
      const std::int64_t end = (row * s_.steps + steps) * s_.units;
      const auto put = [&](int from, const T* initial, std::size_t to) {
        const T* values = initial ? initial + row * s_.units : zeros();
        if (steps > 0) values = static_cast<const T*>(a.outputs[from]) + end - s_.units;
        std::copy_n(values, s_.units, static_cast<T*>(a.outputs[to]) + row * s_.units);
      };
      put(0, in.h0, 1);
      if constexpr (kLstm) put(Cell::kC, in.c0, 2);
      std::fill_n(sequence + end, (s_.steps - steps) * s_.units, T{0});
    }
  }

  const T* zeros() const { return static_cast<const T*>(zeros_.raw()); }

  /// z of all steps. A simple cell activates in place: its z is its sequence.
  T* gates(const KernelArguments& a) const { return static_cast<T*>(a.outputs[Cell::kZ]); }

  /// One step of some rows: of all units, or of some in all gates.
  void step(const KernelArguments& a, const RnnOperands<T>& in, const T* recurrent,
            const Rows& rows, const Units& units, std::int64_t t) const {
    const std::int64_t line = rows.first * s_.steps + t;
    const std::int64_t row = s_.steps * s_.units;
    T* h = static_cast<T*>(a.outputs[0]) + line * s_.units;
    const T* h_previous = t > 0 ? h - s_.units : in.h0 ? in.h0 + rows.first * s_.units : nullptr;
    const std::int64_t h_previous_row = t > 0 ? row : s_.units;
    CellStep<T> cell{.rows = rows.count,
                     .units = units.count,
                     .z = gates(a) + line * s_.width() + units.first,
                     .z_row = s_.steps * s_.width(),
                     .gate = s_.units,
                     .u = nullptr,
                     .u_row = s_.width(),
                     .c_previous = zeros(),
                     .c_previous_row = 0,
                     .c = nullptr,
                     .h = h + units.first,
                     .row = row};
    RowsProduct<T> product{.a = h_previous,
                           .a_row = h_previous_row,
                           .a_inner = 1,
                           .b = recurrent,
                           .c = cell.z,
                           .c_row = cell.z_row,
                           .rows = rows.count,
                           .inner = s_.units,
                           .columns = s_.width(),
                           .accumulate = true};
    [[maybe_unused]] T* u = reinterpret_cast<T*>(static_cast<char*>(a.scratch) + packed_bytes());
    if constexpr (Cell::kResetBefore) product.columns = 2 * s_.units;
    if constexpr (Cell::kProductsApart) {
      product.c = u + rows.first * s_.width() + units.first;
      product.c_row = s_.width();
      product.accumulate = false;
      product.start = in.bias ? in.bias + s_.width() + units.first : nullptr;
      cell.u = product.c;
      if (!h_previous) {
        // u is the bias alone.
        product.inner = 0;
        product.a = product.c;
      }
    }
    if (h_previous || Cell::kProductsApart)
      rows_gemm(by_units_ ? of_units(product, units) : product);
    if constexpr (kHasC)
      cell.c = static_cast<T*>(a.outputs[Cell::kC]) + line * s_.units + units.first;
    if constexpr (kLstm) {
      if (t > 0) {
        cell.c_previous = cell.c - s_.units;
        cell.c_previous_row = row;
      } else if (in.c0) {
        cell.c_previous = in.c0 + rows.first * s_.units + units.first;
        cell.c_previous_row = s_.units;
      }
    } else if (h_previous) {
      cell.c_previous = h_previous + units.first;
      cell.c_previous_row = h_previous_row;
    }
    if constexpr (Cell::kResetBefore) {
      cell_.reset_state(cell);
      // From the panel on in which the candidate's columns begin.
      const std::int64_t skipped = product.columns / panel_width<T>() * panel_width<T>();
      product.a = h;
      product.a_row = row;
      product.b += skipped * s_.units;
      product.c = u + rows.first * s_.width() + skipped;
      product.c_row = s_.width();
      product.columns = s_.width() - skipped;
      product.accumulate = false;
      if (h_previous) {
        rows_gemm(product);
        cell.u = u + rows.first * s_.width();
      }
    }
    cell_.forward(cell);
  }

  std::string where_;
  RnnShape s_;
  Cell cell_;
  Tensor zeros_;
  /// Cut by units instead of by rows.
  bool by_units_;
  PackedWeights kernel_, recurrent_;
};

const RegisterKernel lstm({
    .op = "lstm",
    .create = create_rnn<RnnForward, LstmCell>,
    .layouts = rnn_layouts<RnnForward, LstmCell>,
});
const RegisterKernel gru({
    .op = "gru",
    .create = create_gru<RnnForward>,
    .layouts = gru_layouts<RnnForward>,
});
const RegisterKernel simple_rnn({
    .op = "simple_rnn",
    .create = create_simple_rnn<RnnForward>,
    .layouts = rnn_layouts<RnnForward, SimpleCell>,
});

}  // namespace
}  // namespace sinew::cpu
