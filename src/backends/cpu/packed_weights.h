#pragma once

#include <optional>
#include <vector>

#include "backends/cpu/layout_runs.h"
#include "backends/cpu/onednn.h"
#include "sinew/graph/graph.h"

namespace sinew::cpu {

/// Where a descriptor of oneDNN's puts the elements of a tensor. Each axis of the tensor is one of
/// oneDNN's, or several that number it together, outermost first. Nothing where the layout cannot
/// be told so.
std::optional<BlockedLayout> layout_of(const dnnl::memory::desc& desc,
                                       const std::vector<std::vector<int>>& axes);

/// Weights as a primitive wants them: as they are where they lie so anyway or where the layout pass
/// has laid them out so, else packed (and rounded to bfloat16, if need be) into scratch memory at
/// each run.
class PackedWeights {
 public:
  PackedWeights() = default;
  /// `given` is what the kernel gets. Throws InternalError when its layout is neither the wanted
  /// one nor row-major.
  PackedWeights(const TensorType& given, const BlockedLayout& wanted);
  std::size_t bytes() const { return bytes_; }
  const void* pack(const void* given, void* scratch) const;

 private:
  std::size_t bytes_ = 0;
  DType from_ = DType::Float32, to_ = DType::Float32;
  LayoutRuns runs_;
};

}  // namespace sinew::cpu
