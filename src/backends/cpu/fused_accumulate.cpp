#include "backends/cpu/fused_accumulate.h"

#include <algorithm>

#include "backends/cpu/fused_fold.h"
#include "backends/cpu/fused_operand.h"

namespace sinew::cpu {
namespace {

using ops::FusedCode;
using Over = ops::FusedGrid::Over;

/// Numbers that a lane adds up in float32 before it is folded in float64: the sum's error stays at
/// a few ulp, and the folding costs a sixty-fourth of the adding.
constexpr std::int64_t kAdds = 64;

}  // namespace

SegmentFolds::SegmentFolds(const FusedCode& code, const ops::FusedGrid& grid, const Walk& walk) {
  for (std::size_t i = 0; i < code.results.size(); ++i) {
    const FusedCode::Result& result = code.results[i];
    if (result.fold == FusedCode::Fold::None) continue;
    Fold fold{result.fold, grid.over[i], result.source, result.dtype, i, scratch_, 1};
    std::int64_t count = walk.tasks();
    if (fold.over == Over::Rows) {
      fold.a_task = walk.panel();
    } else if (fold.over == Over::Columns) {
      fold.a_task = 0;
      count = walk.panels() == 1 ? 0 : walk.outer() * walk.rows() * walk.panels();
    }
    scratch_ += count * std::max<std::int64_t>(1, fold.a_task);
    folds_.push_back(fold);
  }
}

void SegmentFolds::finish(const Walk& walk, double* scratch, void* const* outputs) const {
  for (const Fold& fold : folds_) {
    double* partial = scratch + fold.partial;
    void* output = outputs[fold.output];
    const auto write = [&](double value, std::int64_t at) {
      store_converted(&value, at, 1, fold.dtype, output);
    };
    const std::int64_t of_outer = walk.panels() * walk.shards();
    switch (fold.over) {
      case Over::Rows:
        parallel_for_work(
            walk.outer() * walk.panels(), walk.tasks() * walk.panel(), [&](std::int64_t i) {
              const std::int64_t column = i % walk.panels() * walk.panel();
              const std::int64_t width = std::min(walk.panel(), walk.columns() - column);
              double* sum = partial + i * walk.shards() * walk.panel();
              for (std::int64_t shard = 1; shard < walk.shards(); ++shard)
                fold_rows(fold.fold, sum + shard * walk.panel(), 1, width, sum);
              store_converted(sum, i / walk.panels() * walk.columns() + column, width, fold.dtype,
                              output);
            });
        break;
      case Over::All:
        write(fold_all(fold.fold, partial, walk.tasks()), 0);
        break;
      case Over::Both:
        for (std::int64_t i = 0; i < walk.outer(); ++i)
          write(fold_all(fold.fold, partial + i * of_outer, of_outer), i);
        break;
      case Over::Columns:
        for (std::int64_t row = 0; walk.panels() > 1 && row < walk.outer() * walk.rows(); ++row)
          write(fold_all(fold.fold, partial + row * walk.panels(), walk.panels()), row);
        break;
      case Over::Nothing:
        break;
    }
  }
}

template <typename T>
TaskFolds<T>::TaskFolds(const SegmentFolds& plan, const Walk& walk, const WalkTask& task,
                        std::int64_t index, double* scratch, void* const* outputs, T* lanes)
    : plan_(plan),
      walk_(walk),
      task_(task),
      index_(index),
      scratch_(scratch),
      outputs_(outputs),
      lanes_(lanes) {
  for (std::size_t i = 0; i < plan.folds_.size(); ++i) {
    const Fold& fold = plan.folds_[i];
    const double start = fold_identity(fold.fold);
    row_[i] = start;
    if (fold.over == Over::Columns) continue;
    std::fill_n(partial(fold), fold.a_task, start);
    const bool wide = fold.over == Over::Rows && !walk.whole_rows();
    std::fill_n(lanes + static_cast<std::int64_t>(i) * kLanes, wide ? walk.panel() : kBlock,
                static_cast<T>(start));
  }
}

template <typename T>
void TaskFolds<T>::take(const WalkBlock& block, const T* const* registers) {
  const bool row_ends = walk_.whole_rows() || block.column + block.count == task_.last_column;
  for (std::size_t i = 0; i < plan_.folds_.size(); ++i) {
    const Fold& fold = plan_.folds_[i];
    const T* x = registers[fold.source];
    if (fold.over == Over::Columns) {
      fold_columns(fold, block, x, i);
      continue;
    }
    T* lanes = lanes_ + static_cast<std::int64_t>(i) * kLanes;
    if (fold.over == Over::Rows) {
      if (!walk_.whole_rows()) lanes += block.column - task_.first_column;
      adds_[i] += row_ends;
    } else {
      ++adds_[i];
    }
    fold_block(fold.fold, x, block.count, lanes);
    if (adds_[i] == kAdds) flush(fold, i);
  }
}

template <typename T>
void TaskFolds<T>::fold_columns(const Fold& fold, const WalkBlock& block, const T* x,
                                std::size_t number) {
  void* output = outputs_[fold.output];
  if (walk_.whole_rows()) {
    double rows[kBlock];
    for (std::int64_t row = 0; row < block.rows; ++row)
      rows[row] = fold_all(fold.fold, x + row * walk_.columns(), walk_.columns());
    store_converted(rows, block.row, block.rows, fold.dtype, output);
    return;
  }
  double& row = row_[number];
  row = fold_two(fold.fold, row, fold_all(fold.fold, x, block.count));
  if (block.column + block.count < task_.last_column) return;
  if (walk_.panels() == 1) {
    store_converted(&row, block.row, 1, fold.dtype, output);
  } else {
    scratch_[fold.partial + block.row * walk_.panels() + task_.panel] = row;
  }
  row = fold_identity(fold.fold);
}

template <typename T>
void TaskFolds<T>::flush(const Fold& fold, std::size_t number) {
  T* lanes = lanes_ + static_cast<std::int64_t>(number) * kLanes;
  double* into = partial(fold);
  std::int64_t width = kBlock;
  if (fold.over != Over::Rows) {
    *into = fold_two(fold.fold, *into, fold_all(fold.fold, lanes, kBlock));
  } else if (walk_.whole_rows()) {
    width = walk_.block_rows() * walk_.columns();
    fold_rows(fold.fold, lanes, walk_.block_rows(), walk_.columns(), into);
  } else {
    width = task_.last_column - task_.first_column;
    fold_rows(fold.fold, lanes, 1, width, into);
  }
  std::fill_n(lanes, width, static_cast<T>(fold_identity(fold.fold)));
  adds_[number] = 0;
}

template <typename T>
void TaskFolds<T>::finish() {
  for (std::size_t i = 0; i < plan_.folds_.size(); ++i) {
    if (adds_[i] > 0) flush(plan_.folds_[i], i);
  }
}

template class TaskFolds<float>;
template class TaskFolds<double>;

}  // namespace sinew::cpu
