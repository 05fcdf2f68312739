// Recurrent layers, forward. FLOPs: 2 N T (I + H) G H (G gates; 4 for an LSTM).
//
// One thread takes a shard of batch rows through the whole sequence, without a barrier between
// steps: for a chunk of steps the product of their inputs, then step by step the small product with
// the recurrent weights and the cell. Both weights lie in panels (256 KB each for 128 units), where
// the layout pass keeps them, and, with a chunk's z, stay in the core's second-level cache. So the
// multiply-adds are the bound, then the cells (see rnn_cells.cpp).
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
  RnnForward(const KernelRequest& r, Cell cell) : s_(r, Cell::kGates), cell_(cell) {
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
  std::size_t scratch_bytes() const override { return kernel_.bytes() + recurrent_.bytes(); }
  std::size_t packed_bytes() const override { return scratch_bytes(); }

  void run(const KernelArguments& a) override {
    const RnnOperands<T> in(s_, a.inputs);
    char* scratch = static_cast<char*>(a.scratch);
    if (by_units_) {
      run_by_units(a, in);
    } else {
      const T* kernel = static_cast<const T*>(kernel_.pack(in.kernel, scratch));
      const T* recurrent =
          static_cast<const T*>(recurrent_.pack(in.recurrent, scratch + kernel_.bytes()));
      parallel_for(s_.shards(), [&](std::int64_t shard) {
        const std::int64_t end = s_.first_row(shard + 1);
        for (std::int64_t row = s_.first_row(shard); row < end; row += RnnShape::kGroup)
          run_group(a, in, kernel, recurrent, row, std::min(RnnShape::kGroup, end - row));
      });
    }
    copy_last(a);
  }

 private:
  static constexpr bool kLstm = Cell::kGates == 4;

  static bool is_by_units(const RnnShape& s) {
    return s.groups() == 1 && s.units % panel_width<T>() == 0;
  }

  struct Rows {
    std::int64_t first, count;
  };
  struct Units {
    std::int64_t first, count;
  };

  void run_group(const KernelArguments& a, const RnnOperands<T>& in, const T* kernel,
                 const T* recurrent, std::int64_t first, std::int64_t rows) const {
    for (std::int64_t begin = 0; begin < s_.steps; begin += RnnShape::kChunk) {
      const std::int64_t end = std::min(s_.steps, begin + RnnShape::kChunk);
      for (std::int64_t row = first; row < first + rows; ++row) {
        const std::int64_t line = row * s_.steps + begin;
        rows_gemm(RowsProduct<T>{.a = in.x + line * s_.features,
                                 .a_row = s_.features,
                                 .a_inner = 1,
                                 .b = kernel,
                                 .c = gates(a) + line * s_.width(),
                                 .c_row = s_.width(),
                                 .rows = end - begin,
                                 .inner = s_.features,
                                 .columns = s_.width(),
                                 .start = in.bias});
      }
      for (std::int64_t t = begin; t < end; ++t)
        step(a, in, recurrent, {first, rows}, {0, s_.units}, t);
    }
  }

  /// Each task has a panel's units in all gates; weights are read as they lie.
  void run_by_units(const KernelArguments& a, const RnnOperands<T>& in) const {
    const std::int64_t block = panel_width<T>();
    parallel_phases(1 + s_.steps, s_.units / block, [&](std::int64_t phase, std::int64_t i) {
      const Units units{i * block, block};
      if (phase > 0) return step(a, in, in.recurrent, {0, s_.rows}, units, phase - 1);
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

  void copy_last(const KernelArguments& a) const {
    for (std::int64_t row = 0; row < s_.rows; ++row) {
      const std::int64_t last = (row * s_.steps + s_.steps - 1) * s_.units;
      const auto copy = [&](std::size_t from, std::size_t to) {
        const T* values = static_cast<const T*>(a.outputs[from]) + last;
        std::copy(values, values + s_.units, static_cast<T*>(a.outputs[to]) + row * s_.units);
      };
      copy(0, 1);
      if (kLstm) copy(4, 2);
    }
  }

  /// z of all steps. A simple cell activates in place: its z is its sequence.
  T* gates(const KernelArguments& a) const { return static_cast<T*>(a.outputs[kLstm ? 3 : 0]); }

  /// One step of some rows: of all units, or of some in all gates.
  void step(const KernelArguments& a, const RnnOperands<T>& in, const T* recurrent,
            const Rows& rows, const Units& units, std::int64_t t) const {
    const std::int64_t line = rows.first * s_.steps + t;
    const std::int64_t row = s_.steps * s_.units;
    T* h = static_cast<T*>(a.outputs[0]) + line * s_.units;
    T* z = gates(a) + line * s_.width() + units.first;
    if (t > 0 || in.h0) {
      const RowsProduct<T> product{.a = t > 0 ? h - s_.units : in.h0 + rows.first * s_.units,
                                   .a_row = t > 0 ? row : s_.units,
                                   .a_inner = 1,
                                   .b = recurrent,
                                   .c = z,
                                   .c_row = s_.steps * s_.width(),
                                   .rows = rows.count,
                                   .inner = s_.units,
                                   .columns = s_.width(),
                                   .accumulate = true};
      rows_gemm(by_units_ ? of_units(product, units) : product);
    }
    CellStep<T> cell{.rows = rows.count,
                     .units = units.count,
                     .z = z,
                     .z_row = s_.steps * s_.width(),
                     .gate = s_.units,
                     .c_previous = static_cast<const T*>(zeros_.raw()),
                     .c_previous_row = 0,
                     .c = nullptr,
                     .h = h + units.first,
                     .row = row};
    if (kLstm) {
      cell.c = static_cast<T*>(a.outputs[4]) + line * s_.units + units.first;
      if (t > 0) {
        cell.c_previous = cell.c - s_.units;
        cell.c_previous_row = row;
      } else if (in.c0) {
        cell.c_previous = in.c0 + rows.first * s_.units + units.first;
        cell.c_previous_row = s_.units;
      }
    }
    cell_.forward(cell);
  }

  RnnShape s_;
  Cell cell_;
  Tensor zeros_;
  /// Cut by units instead of by rows.
  bool by_units_;
  PackedWeights kernel_, recurrent_;
};

const RegisterKernel lstm({
    .op = "lstm",
    .create = create_lstm<RnnForward>,
    .layouts = lstm_layouts<RnnForward>,
});
const RegisterKernel simple_rnn({
    .op = "simple_rnn",
    .create = create_simple_rnn<RnnForward>,
    .layouts = simple_rnn_layouts<RnnForward>,
});

}  // namespace
}  // namespace sinew::cpu
