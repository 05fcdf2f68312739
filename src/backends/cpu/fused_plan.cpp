#include "backends/cpu/fused_plan.h"

#include "sinew/base/error.h"

namespace sinew::cpu {
namespace {

using ops::FusedCode;

std::int64_t row_period(std::span<const TensorType> operands, const Shape& domain) {
  std::int64_t period = 0;
  for (const TensorType& operand : operands) {
    const std::int64_t extent = OperandReader::row_extent(operand.shape, domain);
    if (extent > 0 && (period == 0 || extent < period)) period = extent;
  }
  return period;
}

FusedSegment make_segment(const FusedCode& code, std::span<const TensorType> operands) {
  const Shape domain = FusedCode::domain(operands);
  const auto grid = ops::fused_grid(domain, code.results);
  if (!grid) throw InternalError("the folds of a fused loop do not go into one pass");
  const Walk walk(*grid, row_period(operands, domain));
  FusedSegment segment{walk, SegmentFolds(code, *grid, walk), {}, domain.numel()};
  for (const TensorType& operand : operands)
    segment.readers.emplace_back(operand, domain, walk.columns());
  return segment;
}

}  // namespace

FusedPlan::FusedPlan(FusedCode loop, std::span<const TensorType> inputs,
                     std::span<const TensorType> outputs)
    : code(std::move(loop)) {
  const auto a_segment = static_cast<std::size_t>(code.inputs);
  for (std::size_t s = 0; s < static_cast<std::size_t>(code.segments); ++s) {
    FusedSegment segment = make_segment(code, inputs.subspan(s * a_segment, a_segment));
    segment.scratch = scratch;
    segment.first_task = static_cast<std::int64_t>(tasks.size());
    scratch += segment.folds.scratch();
    work +=
        segment.numel * static_cast<std::int64_t>(code.instructions.size() + code.results.size());
    if (segment.numel > 0)
      tasks.resize(tasks.size() + static_cast<std::size_t>(segment.walk.tasks()), s);
    segments.push_back(std::move(segment));
  }
  allocate_slots();
  plan_layouts(outputs);
}

void FusedPlan::plan_layouts(std::span<const TensorType> outputs) {
  const std::size_t results = code.results.size();
  std::size_t output = segments.size() * results;
  for (std::int64_t of : code.laid_out) {
    const auto source = static_cast<std::size_t>(of);
    const FusedCode::Result& result = code.results[source % results];
    const TensorType& type = outputs[output];
    const BlockedLayout layout = BlockedLayout::parse(type.layout);
    // Rounding a register gives what rounding the stored result would, where that has been rounded
    // to the same type.
    if (result.fold != FusedCode::Fold::None ||
        (result.dtype != code.compute && result.dtype != layout.stored())) {
      throw InternalError("a fused loop lays out a result that it folds or converts");
    }
    segments[source / results].laid_out.push_back(
        {source % results, output++, layout.stored(), LayoutRuns(layout, type.shape)});
  }
}

bool FusedPlan::may_share(int input, int output) const {
  const auto inputs = static_cast<int>(code.inputs);
  const auto results = static_cast<int>(code.results.size());
  if (input / inputs != output / results) return false;
  const FusedSegment& segment = segments[static_cast<std::size_t>(input / inputs)];
  const OperandReader& reader = segment.readers[static_cast<std::size_t>(input % inputs)];
  const FusedCode::Result& result = code.results[static_cast<std::size_t>(output % results)];
  return result.fold == FusedCode::Fold::None &&
         reader.access() == OperandReader::Access::Contiguous &&
         size_of(reader.dtype()) == size_of(result.dtype);
}

/// Gives every instruction's result a slot of the task's stack, reused after its last reader.
/// Inputs that have to be loaded get slots of their own for the whole block.
void FusedPlan::allocate_slots() {
  const std::size_t first = first_result();
  const std::size_t count = code.instructions.size();
  last_use.assign(first + count, -1);
  for (std::size_t i = 0; i < count; ++i) {
    for (std::int64_t operand : code.instructions[i].operands) {
      if (operand >= 0) last_use[static_cast<std::size_t>(operand)] = static_cast<std::int64_t>(i);
    }
  }
  for (const FusedCode::Result& result : code.results)
    last_use[static_cast<std::size_t>(result.source)] = static_cast<std::int64_t>(count);
  std::vector<std::size_t> free;
  std::size_t slots = static_cast<std::size_t>(code.inputs);
  slot_of.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    // The result may take the place of an operand that dies here: instructions go element by
    // element.
    for (std::size_t r = first; r < first + i; ++r) {
      if (last_use[r] == static_cast<std::int64_t>(i)) free.push_back(slot_of[r - first]);
    }
    if (free.empty()) free.push_back(slots++);
    slot_of[i] = free.back();
    free.pop_back();
  }
  if (slots > kMaxSlots || first + count > kMaxRegisters || code.results.size() > kMaxResults) {
    throw InternalError("a fused loop keeps too many values alive");
  }
}

bool FusedPlan::may_write_directly(std::size_t r, const void* const* input,
                                   void* const* output) const {
  const FusedCode::Result& result = code.results[r];
  const auto source = static_cast<std::size_t>(result.source);
  if (result.fold != FusedCode::Fold::None || result.dtype != code.compute ||
      source < first_result()) {
    return false;
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(code.inputs); ++i) {
    if (input[i] == output[r] && last_use[i] > static_cast<std::int64_t>(source - first_result())) {
      return false;
    }
  }
  for (std::size_t other = 0; other < r; ++other) {
    if (code.results[other].fold == FusedCode::Fold::None &&
        code.results[other].source == result.source) {
      return false;
    }
  }
  return true;
}

}  // namespace sinew::cpu
