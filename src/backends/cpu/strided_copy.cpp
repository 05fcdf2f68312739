// Copies between strided arrays, bound by memory. Axes that lie alike on both sides are merged
// first, so that what is left is as few and as long runs as there are. A transposition goes in
// tiles of a cache line by a cache line: walked row by row, one side would touch a line for every
// element.

#include "backends/cpu/strided_copy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "sinew/base/error.h"
#include "sinew/base/parallel.h"

namespace sinew::cpu {
namespace {

/// Elements of a task: some ten microseconds, and less than a first-level cache holds.
constexpr std::int64_t kTask = 16384;
/// Elements of a tile's side: a cache line of float32.
constexpr std::int64_t kTile = 16;
/// Columns of a task's tiles: four lines are written one after the other.
constexpr std::int64_t kTileColumns = 64;
/// Axes that are left when merged: a run allocates nothing, so an index has a fixed size.
constexpr std::size_t kMostAxes = 32;

}  // namespace

StridedCopy::StridedCopy(CopyShape shape) : s_(std::move(shape)) {
  normalise();
  if (s_.extents.size() > kMostAxes)
    throw ShapeError(
        fmt::format("a copy over {} axes: {} is the most", s_.extents.size(), kMostAxes));
  choose_way();
}

void StridedCopy::normalise() {
  CopyShape merged{.extents = {},
                   .from = {},
                   .to = {},
                   .from_offset = s_.from_offset,
                   .to_offset = s_.to_offset,
                   .element = s_.element};
  for (std::size_t axis = 0; axis < s_.extents.size(); ++axis) {
    const std::int64_t extent = s_.extents[axis];
    if (extent == 1) continue;
    if (!merged.extents.empty() && merged.from.back() == extent * s_.from[axis] &&
        merged.to.back() == extent * s_.to[axis]) {
      merged.extents.back() *= extent;
      merged.from.back() = s_.from[axis];
      merged.to.back() = s_.to[axis];
      continue;
    }
    merged.extents.push_back(extent);
    merged.from.push_back(s_.from[axis]);
    merged.to.push_back(s_.to[axis]);
  }
  s_ = std::move(merged);
}

void StridedCopy::choose_way() {
  const auto take = [this](std::size_t axis) {
    const auto at = static_cast<std::ptrdiff_t>(axis);
    const std::int64_t extent = s_.extents[axis];
    s_.extents.erase(s_.extents.begin() + at);
    s_.from.erase(s_.from.begin() + at);
    s_.to.erase(s_.to.begin() + at);
    return extent;
  };
  if (!s_.extents.empty()) {
    from_step_ = s_.from.back();
    to_step_ = s_.to.back();
    length_ = take(s_.extents.size() - 1);
  }
  if (from_step_ == 1 && to_step_ == 1) {
    way_ = Way::Runs;
  } else if (to_step_ == 1 && from_step_ != 0) {
    const auto contiguous = std::find(s_.from.begin(), s_.from.end(), 1);
    if (contiguous != s_.from.end()) {
      const auto axis = static_cast<std::size_t>(contiguous - s_.from.begin());
      way_ = Way::Tiles;
      tile_to_step_ = s_.to[axis];
      tile_rows_ = take(axis);
    }
  }
  for (const std::int64_t extent : s_.extents) rows_ *= extent;
  const std::int64_t row = length_ * tile_rows_;
  rows_a_task_ = std::max<std::int64_t>(1, kTask / std::max<std::int64_t>(1, row));
  piece_ = way_ == Way::Tiles ? std::max(kTileColumns, kTask / tile_rows_ / kTile * kTile) : kTask;
}

std::int64_t StridedCopy::tasks() const {
  if (rows_ == 0 || length_ == 0 || tile_rows_ == 0) return 0;
  if (rows_a_task_ > 1) return (rows_ + rows_a_task_ - 1) / rows_a_task_;
  return rows_ * ((length_ + piece_ - 1) / piece_);
}

template <typename Body>
void StridedCopy::each_row(std::int64_t begin, std::int64_t end, const Body& body) const {
  const std::size_t rank = s_.extents.size();
  std::array<std::int64_t, kMostAxes> index;
  Place place{s_.from_offset, s_.to_offset};
  std::int64_t rest = begin;
  for (std::size_t axis = rank; axis-- > 0;) {
    index[axis] = rest % s_.extents[axis];
    rest /= s_.extents[axis];
    place.from += index[axis] * s_.from[axis];
    place.to += index[axis] * s_.to[axis];
  }
  for (std::int64_t row = begin; row < end; ++row) {
    body(place);
    for (std::size_t axis = rank; axis-- > 0;) {
      place.from += s_.from[axis];
      place.to += s_.to[axis];
      if (++index[axis] < s_.extents[axis]) break;
      index[axis] = 0;
      place.from -= s_.extents[axis] * s_.from[axis];
      place.to -= s_.extents[axis] * s_.to[axis];
    }
  }
}

template <typename T>
void StridedCopy::copy_row(std::int64_t begin, std::int64_t end, const T* from, T* to) const {
  if (way_ == Way::Runs) {
    std::memcpy(to + begin, from + begin, static_cast<std::size_t>(end - begin) * sizeof(T));
  } else if (from_step_ == 0 && to_step_ == 1) {
    std::fill(to + begin, to + end, *from);
  } else {
    for (std::int64_t i = begin; i < end; ++i) to[i * to_step_] = from[i * from_step_];
  }
}

template <typename T>
void StridedCopy::copy_tiles(std::int64_t begin, std::int64_t end, const T* from, T* to) const {
  for (std::int64_t column = begin; column < end; column += kTileColumns) {
    const std::int64_t end_column = std::min(end, column + kTileColumns);
    for (std::int64_t row = 0; row < tile_rows_; row += kTile) {
      const std::int64_t end_row = std::min(tile_rows_, row + kTile);
      for (std::int64_t i = row; i < end_row; ++i) {
        const T* in = from + i;
        T* out = to + i * tile_to_step_;
        for (std::int64_t j = column; j < end_column; ++j) out[j] = in[j * from_step_];
      }
    }
  }
}

template <typename T>
void StridedCopy::run_task_as(std::int64_t task, const T* source, T* target) const {
  const std::int64_t pieces = rows_a_task_ > 1 ? 1 : (length_ + piece_ - 1) / piece_;
  const std::int64_t first = task / pieces * rows_a_task_;
  const std::int64_t begin = pieces == 1 ? 0 : task % pieces * piece_;
  const std::int64_t end = pieces == 1 ? length_ : std::min(length_, begin + piece_);
  each_row(first, std::min(rows_, first + rows_a_task_), [&](const Place& place) {
    if (way_ == Way::Tiles) {
      copy_tiles(begin, end, source + place.from, target + place.to);
    } else {
      copy_row(begin, end, source + place.from, target + place.to);
    }
  });
}

void StridedCopy::run_task(std::int64_t task, const void* source, void* target) const {
  const auto as = [&]<typename T>(T*) {
    run_task_as(task, static_cast<const T*>(source), static_cast<T*>(target));
  };
  switch (s_.element) {
    case 1:
      return as(static_cast<std::uint8_t*>(nullptr));
    case 2:
      return as(static_cast<std::uint16_t*>(nullptr));
    case 4:
      return as(static_cast<std::uint32_t*>(nullptr));
    default:
      return as(static_cast<std::uint64_t*>(nullptr));
  }
}

void StridedCopy::run(const void* source, void* target) const {
  parallel_for(tasks(), [&](std::int64_t task) { run_task(task, source, target); });
}

void StridedCopy::run_alone(const void* source, void* target) const {
  const std::int64_t count = tasks();
  for (std::int64_t task = 0; task < count; ++task) run_task(task, source, target);
}

}  // namespace sinew::cpu
