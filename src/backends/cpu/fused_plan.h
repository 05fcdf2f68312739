#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "backends/cpu/fused_accumulate.h"
#include "backends/cpu/fused_operand.h"
#include "backends/cpu/fused_walk.h"
#include "backends/cpu/layout_runs.h"
#include "ops/fused.h"

namespace sinew::cpu {

/// A result that is given once more in a layout.
struct LaidOutResult {
  std::size_t result;
  /// Which of the node's outputs.
  std::size_t output;
  DType stored;
  LayoutRuns runs;
};

/// One group of a loop's operands: its walk, how each operand is read, its folds.
struct FusedSegment {
  Walk walk;
  SegmentFolds folds;
  std::vector<OperandReader> readers;
  std::int64_t numel;
  std::vector<LaidOutResult> laid_out = {};
  /// Of the segment's partial results in scratch memory.
  std::int64_t scratch = 0;
  /// Of its first task.
  std::int64_t first_task = 0;
};

/// All about a loop that is known before it runs, whatever it computes in.
struct FusedPlan {
  static constexpr std::size_t kMaxSlots = ops::kMaxFusedInputs + ops::kMaxFusedInstructions;
  /// A constant each operand of an instruction, at worst.
  static constexpr std::size_t kMaxRegisters =
      ops::kMaxFusedInputs + 4 * ops::kMaxFusedInstructions;
  static constexpr std::size_t kMaxResults = ops::kMaxFusedInstructions + ops::kMaxFusedFolds;

  ops::FusedCode code;
  std::vector<FusedSegment> segments;
  /// The segment of each task.
  std::vector<std::size_t> tasks;
  /// Of each register: the last instruction that reads it, or their number where a result does.
  std::vector<std::int64_t> last_use;
  /// Of each instruction: where on the task's stack its result goes.
  std::vector<std::size_t> slot_of;
  /// In numbers of float64.
  std::int64_t scratch = 0;
  /// Elements times what is done with each.
  std::int64_t work = 0;

  FusedPlan(ops::FusedCode loop, std::span<const TensorType> inputs,
            std::span<const TensorType> outputs);

  /// The register of the first instruction's result.
  std::size_t first_result() const {
    return static_cast<std::size_t>(code.inputs) + code.constants.size();
  }
  bool may_share(int input, int output) const;
  /// Whether the instruction that makes a result may write it to its buffer: unless that buffer is
  /// also an input that is still to be read, or the register has another buffer already. Pointers
  /// are the segment's.
  bool may_write_directly(std::size_t result, const void* const* input, void* const* output) const;

 private:
  void allocate_slots();
  void plan_layouts(std::span<const TensorType> outputs);
};

}  // namespace sinew::cpu
