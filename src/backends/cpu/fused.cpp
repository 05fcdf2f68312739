// The kernel of op "fused": element-wise chains, and the folds that end them, in one pass over
// cache-sized blocks.
//
// The domain is seen as rows and columns (see Walk): the folds say which, or operands that are the
// same for each row. A block is up to kBlock elements, whole rows where several fit. A task's
// blocks are read where they lie when they are contiguous and of the computing type, and loaded
// into a register otherwise; operands that repeat with every row are loaded once a task where
// blocks are whole rows, and read where they lie where a row has several blocks. Then run_block
// interprets the instructions, results go straight to their buffers where they may, and folds add
// the block to their lanes (see TaskFolds). Over all rows of a column: C lanes a thread, in the
// first-level cache, loads contiguous; never a walk down a column.
//
// The time is bounded by memory for short chains over large tensors and by the interpreter's 2
// cycles an instruction and vector (a 64-byte store takes two) otherwise.

#include "ops/fused.h"

#include <algorithm>
#include <cstring>

#include "backends/cpu/fused_accumulate.h"
#include "backends/cpu/fused_block.h"
#include "backends/cpu/fused_plan.h"
#include "backends/cpu/registry.h"

namespace sinew::cpu {
namespace {

using ops::FusedCode;
using Access = OperandReader::Access;
using Segment = FusedSegment;

/// A task's registers and accumulators, on its thread's stack.
template <typename T>
struct Workspace {
  alignas(64) T slots[FusedPlan::kMaxSlots * kBlock];
  alignas(64) T lanes[ops::kMaxFusedFolds * TaskFolds<T>::kLanes];
  /// Where each register's block is found.
  const T* registers[FusedPlan::kMaxRegisters];
  /// Of each instruction: where its result goes.
  T* to[ops::kMaxFusedInstructions];
  BlockInstruction<T> block[ops::kMaxFusedInstructions];
  /// Results that are written to their buffers by the instruction itself.
  bool direct[FusedPlan::kMaxResults];

  T* slot(std::size_t i) { return slots + static_cast<std::int64_t>(i) * kBlock; }
};

template <typename T>
class Fused : public Kernel {
 public:
  explicit Fused(const KernelRequest& request)
      : plan_(FusedCode::from(request.attributes), request.inputs, request.outputs) {
    fill_constants();
  }

  std::size_t scratch_bytes() const override {
    return static_cast<std::size_t>(plan_.scratch) * sizeof(double);
  }
  bool may_share(int input, int output) const override { return plan_.may_share(input, output); }

  void run(const KernelArguments& arguments) override {
    parallel_for_work(static_cast<std::int64_t>(plan_.tasks.size()), plan_.work,
                      [&](std::int64_t i) { run_task(i, arguments); });
    for (std::size_t s = 0; s < plan_.segments.size(); ++s) {
      const Segment& segment = plan_.segments[s];
      segment.folds.finish(segment.walk, scratch_of(segment, arguments), outputs_of(s, arguments));
    }
  }

 private:
  double* scratch_of(const Segment& segment, const KernelArguments& arguments) const {
    return static_cast<double*>(arguments.scratch) + segment.scratch;
  }
  void* const* outputs_of(std::size_t segment, const KernelArguments& arguments) const {
    return arguments.outputs + segment * code_.results.size();
  }
  std::size_t first_result() const { return plan_.first_result(); }

  void fill_constants() {
    constants_ =
        Tensor({static_cast<std::int64_t>(code_.constants.size()), kBlock}, DTypeOf<T>::value);
    T* to = static_cast<T*>(constants_.raw());
    for (double constant : code_.constants) {
      std::fill(to, to + kBlock, static_cast<T>(constant));
      to += kBlock;
    }
  }

  void run_task(std::int64_t index, const KernelArguments& arguments) const {
    Workspace<T> work;
    const auto s = plan_.tasks[static_cast<std::size_t>(index)];
    const Segment& segment = plan_.segments[s];
    const void* const* input = arguments.inputs + s * static_cast<std::size_t>(code_.inputs);
    void* const* output = outputs_of(s, arguments);
    const std::int64_t in_segment = index - segment.first_task;
    const WalkTask task = segment.walk.task(in_segment);
    prepare(segment, input, output, work);
    TaskFolds<T> folds(segment.folds, segment.walk, task, in_segment,
                       scratch_of(segment, arguments), output, work.lanes);
    segment.walk.for_each_block(task, [&](const WalkBlock& block) {
      load(segment, input, block, work);
      place_results(segment, output, block, work);
      for (std::size_t i = 0; i < code_.instructions.size(); ++i) {
        const FusedCode::Instruction& instruction = code_.instructions[i];
        const auto at = [&](int k) {
          return instruction.operands[k] < 0 ? nullptr : work.registers[instruction.operands[k]];
        };
        work.block[i] = {static_cast<std::int64_t>(instruction.code), at(0), at(1), at(2),
                         work.to[i]};
      }
      run_block(work.block, static_cast<std::int64_t>(code_.instructions.size()), block.count);
      folds.take(block, work.registers);
      store(output, block, work);
      for (const LaidOutResult& to : segment.laid_out) {
        to.runs.scatter(DTypeOf<T>::value, work.registers[code_.results[to.result].source],
                        block.begin, block.count, to.stored, arguments.outputs[to.output]);
      }
    });
    folds.finish();
  }

  /// What stays the same for all blocks of a task.
  void prepare(const Segment& segment, const void* const* input, void* const* output,
               Workspace<T>& work) const {
    const auto inputs = static_cast<std::size_t>(code_.inputs);
    for (std::size_t i = 0; i < inputs; ++i) {
      const OperandReader& reader = segment.readers[i];
      work.registers[i] = work.slot(i);
      if (reader.access() == Access::Splat) {
        reader.load(input[i], 0, kBlock, work.slot(i));
      } else if (reader.access() == Access::Row && segment.walk.whole_rows()) {
        const std::int64_t columns = segment.walk.columns();
        reader.load(input[i], 0, columns, work.slot(i));
        for (std::int64_t row = 1; row < segment.walk.block_rows(); ++row)
          std::copy_n(work.slot(i), columns, work.slot(i) + row * columns);
      }
    }
    for (std::size_t i = 0; i < code_.constants.size(); ++i) {
      work.registers[inputs + i] =
          static_cast<const T*>(constants_.raw()) + static_cast<std::int64_t>(i) * kBlock;
    }
    for (std::size_t i = 0; i < code_.instructions.size(); ++i) {
      work.to[i] = work.slot(plan_.slot_of[i]);
      work.registers[first_result() + i] = work.to[i];
    }
    for (std::size_t r = 0; r < code_.results.size(); ++r)
      work.direct[r] = plan_.may_write_directly(r, input, output);
  }

  void load(const Segment& segment, const void* const* input, const WalkBlock& block,
            Workspace<T>& work) const {
    // Vectors may read to the next multiple of 64 bytes, as far as buffers reach.
    constexpr std::int64_t kVector = 64 / sizeof(T);
    const auto readable = [](std::int64_t begin, std::int64_t count, std::int64_t all) {
      return begin + (count + kVector - 1) / kVector * kVector <=
             (all + kVector - 1) / kVector * kVector;
    };
    for (std::size_t i = 0; i < segment.readers.size(); ++i) {
      const OperandReader& reader = segment.readers[i];
      if (reader.access() == Access::Splat) continue;
      const bool row = reader.access() == Access::Row;
      if (row && segment.walk.whole_rows()) continue;
      const std::int64_t begin = row ? block.column : block.begin;
      if (reader.dtype() == DTypeOf<T>::value && reader.access() != Access::Strided &&
          readable(begin, block.count, row ? segment.walk.columns() : segment.numel)) {
        work.registers[i] = static_cast<const T*>(input[i]) + begin;
      } else {
        reader.load(input[i], begin, block.count, work.slot(i));
        work.registers[i] = work.slot(i);
      }
    }
  }

  /// Results written directly go to their buffers but for blocks that end within a vector: what
  /// lies behind them may be another thread's, or still to be read. At the domain's end it is the
  /// buffer's padding.
  void place_results(const Segment& segment, void* const* output, const WalkBlock& block,
                     Workspace<T>& work) const {
    constexpr std::int64_t kVector = 64 / sizeof(T);
    const bool ends_domain =
        block.begin % kVector == 0 && block.begin + block.count == segment.numel;
    const bool whole = block.count % kVector == 0 || ends_domain;
    for (std::size_t r = 0; r < code_.results.size(); ++r) {
      if (!work.direct[r]) continue;
      const auto source = static_cast<std::size_t>(code_.results[r].source);
      const std::size_t i = source - first_result();
      work.to[i] = whole ? static_cast<T*>(output[r]) + block.begin : work.slot(plan_.slot_of[i]);
      work.registers[source] = work.to[i];
    }
  }

  void store(void* const* output, const WalkBlock& block, const Workspace<T>& work) const {
    for (std::size_t r = 0; r < code_.results.size(); ++r) {
      const FusedCode::Result& result = code_.results[r];
      if (result.fold != FusedCode::Fold::None) continue;
      const T* from = work.registers[result.source];
      if (result.dtype != DTypeOf<T>::value) {
        store_converted(from, block.begin, block.count, result.dtype, output[r]);
        continue;
      }
      T* to = static_cast<T*>(output[r]) + block.begin;
      if (from != to) std::memmove(to, from, static_cast<std::size_t>(block.count) * sizeof(T));
    }
  }

  FusedPlan plan_;
  const FusedCode& code_ = plan_.code;
  Tensor constants_;
};

const RegisterKernel fused({
    .op = "fused",
    .create = [](const KernelRequest& request) -> std::unique_ptr<Kernel> {
      if (request.attributes.get<std::string>("compute") == "float64") {
        return std::make_unique<Fused<double>>(request);
      }
      return std::make_unique<Fused<float>>(request);
    },
    .bfloat16 = always,
});

}  // namespace
}  // namespace sinew::cpu
