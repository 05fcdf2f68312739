#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "backends/cpu/blocked_layout.h"

namespace sinew::cpu {

/// A layout as the runs of a row-major tensor's elements: neighbours along the last axis whose
/// place the last two digits of that axis tell, which is pieces that lie a fixed step apart, of
/// elements that lie a fixed stride apart.
class LayoutRuns {
 public:
  LayoutRuns() = default;
  LayoutRuns(const BlockedLayout& layout, const Shape& shape);

  std::int64_t count() const { return static_cast<std::int64_t>(runs_.size()) - 1; }
  std::int64_t elements() const { return runs_.back().begin; }
  std::int64_t stride() const { return stride_; }
  /// First row-major element of a run and their number.
  std::int64_t begin(std::int64_t run) const { return at(run).begin; }
  std::int64_t length(std::int64_t run) const { return at(run + 1).begin - at(run).begin; }

  /// Calls body(begin, offset, count) for the pieces of a run: the first element's number in the
  /// run, its place in the buffer, and how many lie stride() apart from there.
  template <typename Body>
  void each_piece(std::int64_t run, const Body& body) const {
    std::int64_t offset = at(run).offset;
    for (std::int64_t begin = 0; begin < length(run); begin += piece_, offset += step_)
      body(begin, offset, std::min(piece_, length(run) - begin));
  }

  /// Puts row-major elements [begin, begin + count), given from `from` on, to their places in `to`,
  /// which has elements of `stored`. `dtype` and `stored` are the same floating type, or float32
  /// and bfloat16; throws InternalError otherwise.
  void scatter(DType dtype, const void* from, std::int64_t begin, std::int64_t count, DType stored,
               void* to) const;
  /// The other way, the whole tensor.
  void gather(DType stored, const void* from, DType dtype, void* to) const;

 private:
  struct Run {
    std::int64_t begin, offset;
  };
  const Run& at(std::int64_t run) const { return runs_[static_cast<std::size_t>(run)]; }
  std::int64_t run_of(std::int64_t element) const;
  template <typename T>
  void scatter(const T* from, std::int64_t begin, std::int64_t count, T* to) const;
  template <typename T>
  void place(const T* from, std::int64_t first, std::int64_t count, T* run) const;

  std::int64_t piece_ = 1, stride_ = 1, step_ = 0;
  /// One more than there are, where the last one ends.
  std::vector<Run> runs_ = {{0, 0}};
};

}  // namespace sinew::cpu
