#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sinew::cpu {

/// out[to_offset + index · to] = in[from_offset + index · from] for every index below `extents`;
/// strides and offsets count elements. Strides of the source may be zero or negative.
struct CopyShape {
  std::vector<std::int64_t> extents;
  std::vector<std::int64_t> from, to;
  std::int64_t from_offset = 0, to_offset = 0;
  /// Bytes: 1, 2, 4 or 8.
  std::size_t element = 4;
};

/// A copy with its way through memory chosen beforehand.
class StridedCopy {
 public:
  explicit StridedCopy(CopyShape shape);

  /// Spread over the team.
  void run(const void* source, void* target) const;
  /// On this thread.
  void run_alone(const void* source, void* target) const;

 private:
  enum class Way {
    /// The last axis is contiguous on both sides.
    Runs,
    /// The last axis is contiguous in the target, another one in the source.
    Tiles,
    Elements,
  };
  struct Place {
    std::int64_t from, to;
  };

  void normalise();
  void choose_way();
  std::int64_t tasks() const;
  void run_task(std::int64_t task, const void* source, void* target) const;
  template <typename T>
  void run_task_as(std::int64_t task, const T* source, T* target) const;
  template <typename T>
  void copy_row(std::int64_t begin, std::int64_t end, const T* from, T* to) const;
  template <typename T>
  void copy_tiles(std::int64_t begin, std::int64_t end, const T* from, T* to) const;
  /// Calls body(place) for rows [begin, end).
  template <typename Body>
  void each_row(std::int64_t begin, std::int64_t end, const Body& body) const;

  CopyShape s_;
  Way way_ = Way::Elements;
  /// What rows and tiles lie along; the last axis, and of tiles the source's contiguous one, are in
  /// these and no longer in the shape's extents.
  std::int64_t length_ = 1, from_step_ = 1, to_step_ = 1;
  std::int64_t tile_rows_ = 1, tile_to_step_ = 0;
  std::int64_t rows_ = 1;
  /// A task is this many rows, or this much of one.
  std::int64_t rows_a_task_ = 1, piece_ = 1;
};

}  // namespace sinew::cpu
