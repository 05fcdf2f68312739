#include "backends/cpu/packed_weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "backends/cpu/onednn_primitives.h"
#include "sinew/base/error.h"
#include "sinew/base/parallel.h"

namespace sinew::cpu {

std::optional<BlockedLayout> layout_of(const dnnl::memory::desc& desc,
                                       const std::vector<std::vector<int>>& axes) {
  const std::optional<onednn::Blocking> b = onednn::blocking(desc);
  if (!b) return std::nullopt;
  // Each axis of oneDNN's as digits: whole blocks, then the blocks inside.
  std::vector<BlockedLayout::Part> parts;
  for (std::size_t a = 0; a < b->dims.size(); ++a)
    parts.push_back({b->dims[a], {{b->padded_dims[a], b->strides[a]}}});
  std::int64_t stride = 1;
  for (std::size_t i = b->blocks.size(); i-- > 0;) {
    auto& digits = parts[static_cast<std::size_t>(b->block_axes[i])].digits;
    digits.insert(digits.begin() + 1, {b->blocks[i], stride});
    digits[0].extent /= b->blocks[i];
    stride *= b->blocks[i];
  }
  std::vector<BlockedLayout::Axis> result;
  for (const std::vector<int>& numbered : axes) {
    BlockedLayout::Axis axis;
    for (int part : numbered) axis.push_back(parts[static_cast<std::size_t>(part)]);
    result.push_back(std::move(axis));
  }
  const bool narrow = onednn::type_of(desc) == dnnl::memory::data_type::bf16;
  const DType stored = narrow ? DType::BFloat16 : DType::Float32;
  return BlockedLayout(stored, std::move(result),
                       static_cast<std::int64_t>(desc.get_size() / size_of(stored)));
}

PackedWeights::PackedWeights(const TensorType& given, const BlockedLayout& wanted)
    : from_(given.dtype), to_(wanted.stored()) {
  const std::string name = wanted.name_for(given.dtype, given.shape);
  if (given.layout == name) return;
  if (!given.layout.empty()) {
    throw InternalError(
        fmt::format("a kernel wants its weights in layout '{}', not '{}'", name, given.layout));
  }
  bytes_ = onednn::aligned(wanted.bytes());
  runs_ = LayoutRuns(wanted, given.shape);
}

const void* PackedWeights::pack(const void* given, void* scratch) const {
  if (bytes_ == 0) return given;
  std::memset(scratch, 0, bytes_);
  constexpr std::int64_t kPiece = 4096;
  const std::int64_t elements = runs_.elements();
  parallel_for((elements + kPiece - 1) / kPiece, [&](std::int64_t i) {
    const std::int64_t begin = i * kPiece;
    runs_.scatter(
        from_, static_cast<const char*>(given) + begin * static_cast<std::int64_t>(size_of(from_)),
        begin, std::min(kPiece, elements - begin), to_, scratch);
  });
  return scratch;
}

}  // namespace sinew::cpu
