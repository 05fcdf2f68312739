#pragma once

#include <algorithm>
#include <cstdint>

#include "backends/cpu/fused_block.h"
#include "ops/fused.h"
#include "sinew/base/parallel.h"

namespace sinew::cpu {

/// parallel_for(), but on the calling thread alone where `work`, in elements times instructions,
/// takes less time than waking the team does: losses, metrics, biases.
template <typename Body>
void parallel_for_work(std::int64_t count, std::int64_t work, const Body& body) {
  constexpr std::int64_t kWorthATeam = 1 << 15;
  if (work >= kWorthATeam) return parallel_for(count, body);
  for (std::int64_t i = 0; i < count; ++i) body(i);
}

/// A run of elements that the interpreter takes at once. `begin` counts from the domain's first
/// element. It is whole rows, or a part of one row.
struct WalkBlock {
  std::int64_t begin;
  std::int64_t count;
  /// Rows are numbered through all of `outer`.
  std::int64_t row;
  std::int64_t rows;
  std::int64_t column;
};

/// What one thread does in one go: rows [first_row, last_row) of one outer index, columns
/// [first_column, last_column).
struct WalkTask {
  std::int64_t outer;
  std::int64_t panel;
  std::int64_t first_row, last_row;
  std::int64_t first_column, last_column;
};

/// How a loop goes over its domain of outer x rows x columns. Tasks depend on the shape alone, so
/// that folds add the same numbers in the same order whatever the number of threads.
class Walk {
 public:
  /// Columns that a task takes at most when it folds rows, each column into a number of its own.
  static constexpr std::int64_t kFoldPanel = 2048;

  /// `period` is the extent of operands that are the same for each row, such as a bias; 0 without
  /// any.
  Walk(const ops::FusedGrid& grid, std::int64_t period);

  std::int64_t outer() const { return outer_; }
  std::int64_t rows() const { return rows_; }
  std::int64_t columns() const { return columns_; }
  std::int64_t panels() const { return panels_; }
  std::int64_t panel() const { return panel_; }
  std::int64_t shards() const { return shards_; }
  /// Whether blocks are whole rows.
  bool whole_rows() const { return columns_ <= kBlock; }
  /// Of a block of whole rows.
  std::int64_t block_rows() const { return block_rows_; }
  /// In the order outer, panel, shard of rows.
  std::int64_t tasks() const { return outer_ * panels_ * shards_; }
  WalkTask task(std::int64_t index) const;

  template <typename Body>
  void for_each_block(const WalkTask& task, const Body& body) const {
    const std::int64_t first = task.outer * rows_;
    if (whole_rows()) {
      for (std::int64_t row = task.first_row; row < task.last_row; row += block_rows_) {
        const std::int64_t rows = std::min(block_rows_, task.last_row - row);
        body(WalkBlock{(first + row) * columns_, rows * columns_, first + row, rows, 0});
      }
      return;
    }
    for (std::int64_t row = task.first_row; row < task.last_row; ++row) {
      for (std::int64_t column = task.first_column; column < task.last_column; column += kBlock) {
        body(WalkBlock{(first + row) * columns_ + column,
                       std::min(kBlock, task.last_column - column), first + row, 1, column});
      }
    }
  }

 private:
  std::int64_t outer_, rows_, columns_;
  std::int64_t block_rows_ = 1;
  std::int64_t panel_, panels_;
  std::int64_t rows_per_shard_, shards_;
};

}  // namespace sinew::cpu
