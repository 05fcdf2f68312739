#include "backends/cpu/fused_walk.h"

#include <numeric>
#include <utility>

namespace sinew::cpu {
namespace {

using Over = ops::FusedGrid::Over;

/// Enough for a thread to be worth waking, and little enough to share out evenly.
constexpr std::int64_t kTaskElements = 1 << 14;
/// A shard of rows leaves one number a column, to be added up by one thread in the end.
constexpr std::int64_t kMaxShards = 64;
constexpr std::int64_t kMinShardRows = 32;

std::int64_t round_up(std::int64_t n, std::int64_t step) { return (n + step - 1) / step * step; }

/// Rows of a block: as many as fit, such that a block ends where a vector does if that can be.
std::int64_t rows_of_block(std::int64_t columns) {
  constexpr std::int64_t kVector = 16;
  const std::int64_t fitting =
      std::max<std::int64_t>(1, kBlock / std::max<std::int64_t>(1, columns));
  const std::int64_t step = kVector / std::gcd(kVector, std::max<std::int64_t>(1, columns));
  return fitting >= step ? fitting / step * step : fitting;
}

}  // namespace

Walk::Walk(const ops::FusedGrid& grid, std::int64_t period)
    : outer_(grid.outer), rows_(grid.rows), columns_(grid.columns) {
  const auto has = [&](Over over) {
    return std::find(grid.over.begin(), grid.over.end(), over) != grid.over.end();
  };
  const bool folds_rows = has(Over::Rows);
  if (!folds_rows && !has(Over::Both)) rows_ *= std::exchange(outer_, 1);
  if (!folds_rows && !has(Over::Columns) && !has(Over::Both)) {
    // Nothing but operands asks for rows.
    const std::int64_t all = rows_ * columns_;
    columns_ = period > 0 ? period : all;
    rows_ = columns_ == 0 ? 0 : all / columns_;
  }
  panel_ = whole_rows() ? columns_ : std::min(columns_, folds_rows ? kFoldPanel : kTaskElements);
  panels_ = panel_ == 0 ? 0 : (columns_ + panel_ - 1) / panel_;
  if (whole_rows()) block_rows_ = rows_of_block(columns_);
  rows_per_shard_ = std::max<std::int64_t>(1, kTaskElements / std::max<std::int64_t>(1, panel_));
  if (folds_rows) {
    rows_per_shard_ =
        std::max({rows_per_shard_, kMinShardRows, (rows_ + kMaxShards - 1) / kMaxShards});
  }
  rows_per_shard_ = round_up(rows_per_shard_, block_rows_);
  shards_ = (rows_ + rows_per_shard_ - 1) / rows_per_shard_;
}

WalkTask Walk::task(std::int64_t index) const {
  const std::int64_t shard = index % shards_;
  const std::int64_t panel = index / shards_ % panels_;
  return {index / shards_ / panels_,
          panel,
          shard * rows_per_shard_,
          std::min(rows_, (shard + 1) * rows_per_shard_),
          panel * panel_,
          std::min(columns_, (panel + 1) * panel_)};
}

}  // namespace sinew::cpu
