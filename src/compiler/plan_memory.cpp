// Buffers are intervals of steps with a size. First, an output is put in place of an input that
// dies with the step where the kernel allows it; then intervals are placed largest first at the
// lowest offset that is free for their whole life (greedy by size: Pisarchyk and Lee, "Efficient
// memory management for deep neural net inference", 2020, section 5.2).

#include <algorithm>
#include <map>
#include <numeric>

#include "compiler/passes.h"

namespace sinew::compiler {
namespace {

using runtime::Operand;
using runtime::Place;

constexpr std::int64_t kAlignment = 64;

std::int64_t aligned(std::int64_t bytes) {
  return std::max(kAlignment, (bytes + kAlignment - 1) / kAlignment * kAlignment);
}

struct Buffer {
  std::int64_t first = 0;
  std::int64_t last = 0;
  std::int64_t bytes = 0;
  std::int64_t offset = -1;
  /// The buffer in whose place this one is, itself included.
  std::size_t same_as = 0;
};

class Planner {
 public:
  explicit Planner(Lowered& lowered) : program_(lowered.program), kernels_(lowered.kernels) {}

  void run() {
    collect();
    share_in_place();
    place();
    write_back();
  }

 private:
  static bool in_arena(const Operand& operand) { return operand.place == Place::Arena; }
  static std::size_t index(const Operand& operand) {
    return static_cast<std::size_t>(-1 - operand.position);
  }

  std::size_t root(std::size_t buffer) const {
    while (buffers_[buffer].same_as != buffer) buffer = buffers_[buffer].same_as;
    return buffer;
  }

  void touch(const Operand& operand, std::int64_t step) {
    if (!in_arena(operand)) return;
    const std::size_t i = index(operand);
    if (i >= buffers_.size()) buffers_.resize(i + 1);
    Buffer& buffer = buffers_[i];
    if (buffer.bytes == 0) buffer = {step, step, aligned(operand.bytes), -1, i};
    buffer.last = std::max(buffer.last, step);
  }

  void collect() {
    const auto steps = static_cast<std::int64_t>(program_.steps.size());
    for (std::int64_t s = 0; s < steps; ++s) {
      const runtime::Step& step = program_.steps[static_cast<std::size_t>(s)];
      for (const Operand& operand : step.outputs) touch(operand, s);
      for (const Operand& operand : step.inputs) touch(operand, s);
    }
    for (const auto& output : program_.outputs) touch(output.operand, steps);
  }

  void share_in_place() {
    for (std::size_t s = 0; s < program_.steps.size(); ++s) {
      const runtime::Step& step = program_.steps[s];
      for (std::size_t o = 0; o < step.outputs.size(); ++o) {
        if (!in_arena(step.outputs[o])) continue;
        for (std::size_t i = 0; i < step.inputs.size(); ++i) {
          if (try_share(s, i, o)) break;
        }
      }
    }
  }

  bool try_share(std::size_t s, std::size_t i, std::size_t o) {
    const runtime::Step& step = program_.steps[s];
    if (!in_arena(step.inputs[i])) return false;
    const std::size_t from = root(index(step.inputs[i]));
    const std::size_t to = index(step.outputs[o]);
    if (from == to || buffers_[from].last != static_cast<std::int64_t>(s) ||
        buffers_[from].bytes != buffers_[to].bytes) {
      return false;
    }
    // Every appearance of the dying value among the inputs must bear the sharing.
    for (std::size_t k = 0; k < step.inputs.size(); ++k) {
      if (in_arena(step.inputs[k]) && root(index(step.inputs[k])) == from &&
          !kernels_[s]->may_share(static_cast<int>(k), static_cast<int>(o))) {
        return false;
      }
    }
    buffers_[to].same_as = from;
    buffers_[from].last = buffers_[to].last;
    return true;
  }

  void place() {
    // Scratch memory lives for one step.
    scratch_.resize(program_.steps.size());
    for (std::size_t s = 0; s < program_.steps.size(); ++s) {
      scratch_[s] = buffers_.size();
      const std::int64_t bytes = program_.steps[s].scratch_bytes;
      const auto step = static_cast<std::int64_t>(s);
      buffers_.push_back({step, step, bytes > 0 ? aligned(bytes) : 0, -1, buffers_.size()});
    }
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < buffers_.size(); ++i) {
      if (buffers_[i].same_as == i && buffers_[i].bytes > 0) order.push_back(i);
    }
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return buffers_[a].bytes > buffers_[b].bytes;
    });
    std::vector<std::size_t> placed;
    for (std::size_t i : order) {
      Buffer& buffer = buffers_[i];
      std::int64_t offset = 0;
      // `placed` is kept in the order of offsets.
      for (std::size_t k : placed) {
        const Buffer& other = buffers_[k];
        if (other.last < buffer.first || buffer.last < other.first) continue;
        if (offset + buffer.bytes <= other.offset) break;
        offset = std::max(offset, other.offset + other.bytes);
      }
      buffer.offset = offset;
      program_.arena_bytes = std::max(program_.arena_bytes, offset + buffer.bytes);
      placed.insert(std::upper_bound(placed.begin(), placed.end(), i,
                                     [&](std::size_t a, std::size_t b) {
                                       return buffers_[a].offset < buffers_[b].offset;
                                     }),
                    i);
    }
  }

  void write_back() {
    const auto fix = [&](Operand& operand) {
      if (in_arena(operand)) operand.position = buffers_[root(index(operand))].offset;
    };
    for (std::size_t s = 0; s < program_.steps.size(); ++s) {
      runtime::Step& step = program_.steps[s];
      for (Operand& operand : step.inputs) fix(operand);
      for (Operand& operand : step.outputs) fix(operand);
      step.scratch = std::max<std::int64_t>(0, buffers_[scratch_[s]].offset);
    }
    for (auto& output : program_.outputs) fix(output.operand);
  }

  runtime::Program& program_;
  std::vector<std::unique_ptr<runtime::Kernel>>& kernels_;
  std::vector<Buffer> buffers_;
  std::vector<std::size_t> scratch_;
};

}  // namespace

void plan_memory(Lowered& lowered) { Planner(lowered).run(); }

}  // namespace sinew::compiler
