#pragma once

#include "backends/cpu/onednn.h"

namespace sinew::cpu {

/// Weights as a primitive wants them: as they are where that is their layout and type, else packed
/// (and rounded to bfloat16, if need be) into scratch memory at each run.
class PackedWeights {
 public:
  PackedWeights() = default;
  PackedWeights(const dnnl::memory::desc& plain, const dnnl::memory::desc& wanted) {
    if (onednn::same_places(plain, wanted)) return;
    bytes_ = onednn::aligned(wanted.get_size());
    reorder_ = onednn::Call(dnnl::reorder({onednn::engine(), plain, onednn::engine(), wanted}));
    reorder_.bind(DNNL_ARG_FROM, plain);
    reorder_.bind(DNNL_ARG_TO, wanted);
  }
  std::size_t bytes() const { return bytes_; }
  const void* pack(const void* plain, void* scratch) {
    if (bytes_ == 0) return plain;
    reorder_.set(DNNL_ARG_FROM, plain);
    reorder_.set(DNNL_ARG_TO, scratch);
    reorder_.run();
    return scratch;
  }

 private:
  std::size_t bytes_ = 0;
  onednn::Call reorder_;
};

}  // namespace sinew::cpu
