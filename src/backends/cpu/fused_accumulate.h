#pragma once

#include <cstdint>
#include <vector>

#include "backends/cpu/fused_walk.h"
#include "ops/fused.h"

namespace sinew::cpu {

/// The folds of one segment of a fused loop. Every task folds what it walks over into partial
/// results in scratch memory, which are folded in the tasks' order when all are done. Columns that
/// one task sees whole are written to their output at once.
class SegmentFolds {
 public:
  SegmentFolds(const ops::FusedCode& code, const ops::FusedGrid& grid, const Walk& walk);

  bool empty() const { return folds_.empty(); }
  /// Scratch memory in numbers of float64.
  std::int64_t scratch() const { return scratch_; }
  /// Folds the partial results and writes the outputs. `outputs` and `scratch` are the segment's
  /// own, here and below.
  void finish(const Walk& walk, double* scratch, void* const* outputs) const;

 private:
  template <typename T>
  friend class TaskFolds;

  struct Fold {
    ops::FusedCode::Fold fold;
    ops::FusedGrid::Over over;
    std::int64_t source;
    DType dtype;
    std::size_t output;
    /// Of the partial results in scratch memory, and how many a task has.
    std::int64_t partial = 0;
    std::int64_t a_task = 0;
  };

  std::vector<Fold> folds_;
  std::int64_t scratch_ = 0;
};

/// What a task folds. Each fold has `kLanes` numbers of `lanes` to add to, element by element of a
/// block or, over rows, of a panel; now and then they are folded into the partial results in
/// float64.
template <typename T>
class TaskFolds {
 public:
  static constexpr std::int64_t kLanes = Walk::kFoldPanel;

  TaskFolds(const SegmentFolds& plan, const Walk& walk, const WalkTask& task, std::int64_t index,
            double* scratch, void* const* outputs, T* lanes);

  void take(const WalkBlock& block, const T* const* registers);
  void finish();

 private:
  using Fold = SegmentFolds::Fold;

  void fold_columns(const Fold& fold, const WalkBlock& block, const T* x, std::size_t number);
  void flush(const Fold& fold, std::size_t number);
  double* partial(const Fold& fold) const { return scratch_ + fold.partial + index_ * fold.a_task; }

  const SegmentFolds& plan_;
  const Walk& walk_;
  const WalkTask& task_;
  std::int64_t index_;
  double* scratch_;
  void* const* outputs_;
  T* lanes_;
  /// Of each fold: how often its lanes have been added to since they were last folded, and the row
  /// at hand.
  std::int64_t adds_[ops::kMaxFusedFolds] = {};
  double row_[ops::kMaxFusedFolds] = {};
};

}  // namespace sinew::cpu
