#pragma once

#include <fmt/format.h>

#include <algorithm>

#include "backends/cpu/registry.h"
#include "sinew/base/error.h"

namespace sinew::cpu {

/// The extents of a recurrent layer and how its work is cut. Batch rows are independent of each
/// other: groups of kGroup rows go through the sequence together, and shards of groups, fixed by
/// the shape, are the threads' tasks.
struct RnnShape {
  static constexpr std::int64_t kGroup = 8;
  static constexpr std::int64_t kMaxShards = 8;
  /// Steps whose products with the inputs are made at once: 128 rows of 512 gates (128 units), 256
  /// KB, are still in the second-level cache when the steps use them.
  static constexpr std::int64_t kChunk = 16;

  std::int64_t rows, steps, features, units, gates;
  bool bias, h0, c0, lengths;

  RnnShape(const KernelRequest& r, std::int64_t gate_count)
      : rows(r.inputs[0].shape[0]),
        steps(r.inputs[0].shape[1]),
        features(r.inputs[0].shape[2]),
        units(r.inputs[2].shape[0]),
        gates(gate_count),
        bias(r.attributes.flag("has_bias")),
        h0(r.attributes.flag("has_h0")),
        c0(r.attributes.flag("has_c0")),
        lengths(r.attributes.flag("has_lengths")) {}

  std::int64_t width() const { return gates * units; }
  std::size_t operands() const { return 3u + bias + h0 + c0 + lengths; }
  std::int64_t groups() const { return (rows + kGroup - 1) / kGroup; }
  std::int64_t shards() const { return std::min(groups(), kMaxShards); }
  /// First row of a shard; shards are whole groups.
  std::int64_t first_row(std::int64_t shard) const {
    return std::min(rows, groups() * shard / shards() * kGroup);
  }
};

/// The forward operands of a call, by name.
template <typename T>
struct RnnOperands {
  const T *x, *kernel, *recurrent, *bias = nullptr, *h0 = nullptr, *c0 = nullptr;
  /// Steps of each row; null where all have all.
  const std::int64_t* lengths = nullptr;
  std::int64_t steps;

  RnnOperands(const RnnShape& s, const void* const* inputs) {
    const auto at = [&](std::size_t i) { return static_cast<const T*>(inputs[i]); };
    x = at(0);
    kernel = at(1);
    recurrent = at(2);
    std::size_t next = 3;
    if (s.bias) bias = at(next++);
    if (s.h0) h0 = at(next++);
    if (s.c0) c0 = at(next++);
    if (s.lengths) lengths = static_cast<const std::int64_t*>(inputs[next++]);
    steps = s.steps;
  }

  /// Throws ValueError unless lengths are as kernels rely on.
  void check_lengths(const RnnShape& s, const std::string& where) const {
    for (std::int64_t row = 0; lengths && row < s.rows; ++row) {
      const std::int64_t most = row > 0 ? lengths[row - 1] : s.steps;
      if (lengths[row] >= 0 && lengths[row] <= most) continue;
      throw ValueError(fmt::format("{}: length {} of row {} is not between 0 and {}", where,
                                   lengths[row], row, most));
    }
  }

  std::int64_t steps_of(std::int64_t row) const { return lengths ? lengths[row] : steps; }
  /// How many of some rows have a step `t`; they are the first.
  std::int64_t rows_at(std::int64_t t, std::int64_t first, std::int64_t rows) const {
    while (rows > 0 && steps_of(first + rows - 1) <= t) --rows;
    return rows;
  }
};

}  // namespace sinew::cpu
