// The kernel of op "fused": element-wise chains in one pass over cache-sized blocks.
//
// A task is a run of kChunk elements of one segment; a task's blocks are loaded (or used where they
// lie, when they are contiguous and of the computing type), interpreted by run_block and stored.
// The time is bounded by memory for short chains over large tensors and by the interpreter's 1.5
// cycles an instruction and vector otherwise.

#include "ops/fused.h"

#include <algorithm>
#include <cstring>

#include "backends/cpu/fused_block.h"
#include "backends/cpu/fused_operand.h"
#include "backends/cpu/registry.h"
#include "sinew/base/error.h"
#include "sinew/base/parallel.h"

namespace sinew::cpu {
namespace {

using ops::FusedCode;

constexpr std::int64_t kChunk = 16 * kBlock;
constexpr std::size_t kMaxSlots = 64;

struct Segment {
  std::vector<OperandReader> readers;
  std::vector<DType> result_dtypes;
  std::int64_t numel = 0;
};

struct Task {
  std::size_t segment;
  std::int64_t begin;
  std::int64_t end;
};

template <typename T>
class Fused : public Kernel {
 public:
  explicit Fused(const KernelRequest& request) : code_(FusedCode::from(request.attributes)) {
    const auto inputs = static_cast<std::size_t>(code_.inputs);
    const std::size_t results = code_.results.size();
    for (std::size_t s = 0; s < static_cast<std::size_t>(code_.segments); ++s) {
      Segment segment;
      const Shape& domain = request.outputs[s * results].shape;
      segment.numel = domain.numel();
      for (std::size_t i = 0; i < inputs; ++i) {
        segment.readers.emplace_back(request.inputs[s * inputs + i], domain);
      }
      for (std::size_t r = 0; r < results; ++r) {
        segment.result_dtypes.push_back(request.outputs[s * results + r].dtype);
      }
      for (std::int64_t begin = 0; begin < segment.numel; begin += kChunk) {
        tasks_.push_back({s, begin, std::min(begin + kChunk, segment.numel)});
      }
      segments_.push_back(std::move(segment));
    }
    allocate_slots();
    fill_constants();
  }

  bool may_share(int input, int output) const override {
    const auto inputs = static_cast<int>(code_.inputs);
    const auto results = static_cast<int>(code_.results.size());
    if (input / inputs != output / results) return false;
    const Segment& segment = segments_[static_cast<std::size_t>(input / inputs)];
    const OperandReader& reader = segment.readers[static_cast<std::size_t>(input % inputs)];
    return reader.access() == OperandReader::Access::Contiguous &&
           size_of(reader.dtype()) ==
               size_of(segment.result_dtypes[static_cast<std::size_t>(output % results)]);
  }

  void run(const KernelArguments& arguments) override {
    if (tasks_.size() == 1) return run_task(tasks_[0], arguments);
    parallel_for(static_cast<std::int64_t>(tasks_.size()),
                 [&](std::int64_t i) { run_task(tasks_[static_cast<std::size_t>(i)], arguments); });
  }

 private:
  /// Gives every instruction's result a slot of the task's stack, reused after its last reader.
  /// Inputs that have to be loaded get slots of their own for the whole block.
  void allocate_slots() {
    const std::size_t first = static_cast<std::size_t>(code_.inputs) + code_.constants.size();
    const std::size_t count = code_.instructions.size();
    last_use_.assign(first + count, -1);
    for (std::size_t i = 0; i < count; ++i) {
      for (std::int64_t operand : code_.instructions[i].operands) {
        if (operand >= 0)
          last_use_[static_cast<std::size_t>(operand)] = static_cast<std::int64_t>(i);
      }
    }
    for (std::int64_t result : code_.results) {
      last_use_[static_cast<std::size_t>(result)] = static_cast<std::int64_t>(count);
    }
    std::vector<std::size_t> free;
    slots_ = static_cast<std::size_t>(code_.inputs);
    slot_of_.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
      // The result may take the place of an operand that dies here: instructions go element by
      // element.
      for (std::size_t register_index = first; register_index < first + i; ++register_index) {
        if (last_use_[register_index] == static_cast<std::int64_t>(i)) {
          free.push_back(slot_of_[register_index - first]);
        }
      }
      if (free.empty()) free.push_back(slots_++);
      slot_of_[i] = free.back();
      free.pop_back();
    }
    if (slots_ > kMaxSlots) throw InternalError("a fused loop keeps too many values alive");
  }

  void fill_constants() {
    constants_ =
        Tensor({static_cast<std::int64_t>(code_.constants.size()), kBlock}, DTypeOf<T>::value);
    T* to = static_cast<T*>(constants_.raw());
    for (double constant : code_.constants) {
      std::fill(to, to + kBlock, static_cast<T>(constant));
      to += kBlock;
    }
  }

  void run_task(const Task& task, const KernelArguments& arguments) const {
    alignas(64) T stack[kMaxSlots * kBlock];
    const T* registers[kMaxSlots * 2 + ops::kMaxFusedInstructions];
    BlockInstruction<T> block[ops::kMaxFusedInstructions];
    const Segment& segment = segments_[task.segment];
    const auto inputs = static_cast<std::size_t>(code_.inputs);
    const std::size_t results = code_.results.size();
    const void* const* input = arguments.inputs + task.segment * inputs;
    void* const* output = arguments.outputs + task.segment * results;
    const std::size_t first = inputs + code_.constants.size();

    for (std::size_t i = 0; i < inputs; ++i) {
      if (segment.readers[i].access() == OperandReader::Access::Splat) {
        segment.readers[i].load(input[i], 0, kBlock, stack + i * kBlock);
      }
      registers[i] = stack + i * kBlock;
    }
    for (std::size_t i = 0; i < code_.constants.size(); ++i) {
      registers[inputs + i] = static_cast<const T*>(constants_.raw()) + i * kBlock;
    }
    for (std::int64_t begin = task.begin; begin < task.end; begin += kBlock) {
      const std::int64_t count = std::min(kBlock, task.end - begin);
      for (std::size_t i = 0; i < inputs; ++i) {
        const OperandReader& reader = segment.readers[i];
        if (reader.access() == OperandReader::Access::Splat) continue;
        if (reader.access() == OperandReader::Access::Contiguous &&
            reader.dtype() == DTypeOf<T>::value) {
          registers[i] = static_cast<const T*>(input[i]) + begin;
        } else {
          reader.load(input[i], begin, count, stack + i * kBlock);
        }
      }
      for (std::size_t i = 0; i < code_.instructions.size(); ++i) {
        const FusedCode::Instruction& instruction = code_.instructions[i];
        const auto at = [&](int k) {
          return instruction.operands[k] < 0 ? nullptr : registers[instruction.operands[k]];
        };
        T* out = stack + slot_of_[i] * kBlock;
        block[i] = {static_cast<std::int64_t>(instruction.code), at(0), at(1), at(2), out};
        registers[first + i] = out;
      }
      // A result that nothing reads afterwards goes straight to its buffer, unless that buffer is
      // also an input that is still to be read.
      for (std::size_t r = 0; r < results; ++r) {
        const auto result = static_cast<std::size_t>(code_.results[r]);
        if (segment.result_dtypes[r] != DTypeOf<T>::value || result < first) continue;
        bool direct = std::count(code_.results.begin(), code_.results.end(), code_.results[r]) == 1;
        for (std::size_t i = 0; i < inputs; ++i) {
          if (input[i] == output[r] && last_use_[i] > static_cast<std::int64_t>(result - first))
            direct = false;
        }
        if (!direct) continue;
        T* to = static_cast<T*>(output[r]) + begin;
        for (std::size_t i = result - first; i < code_.instructions.size(); ++i) {
          for (int k = 0; k < 3; ++k) {
            const T** operand = k == 0 ? &block[i].a : k == 1 ? &block[i].b : &block[i].c;
            if (code_.instructions[i].operands[k] == static_cast<std::int64_t>(result))
              *operand = to;
          }
        }
        block[result - first].out = to;
        registers[result] = to;
      }
      run_block(block, static_cast<std::int64_t>(code_.instructions.size()), count);
      for (std::size_t r = 0; r < results; ++r) {
        const T* from = registers[code_.results[r]];
        if (segment.result_dtypes[r] == DTypeOf<T>::value) {
          T* to = static_cast<T*>(output[r]) + begin;
          if (from != to) std::memmove(to, from, static_cast<std::size_t>(count) * sizeof(T));
        } else {
          store_converted(from, begin, count, segment.result_dtypes[r], output[r]);
        }
      }
    }
  }

  FusedCode code_;
  std::vector<Segment> segments_;
  std::vector<Task> tasks_;
  std::vector<std::int64_t> last_use_;
  std::vector<std::size_t> slot_of_;
  std::size_t slots_ = 0;
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
