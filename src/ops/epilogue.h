#pragma once

#include "sinew/graph/graph.h"

namespace sinew::ops {

/// Arithmetic of what the compiler has fused behind a convolution or matrix product: an addition
/// for each operand after the two factors, and an activation, an element of the output each.
inline double epilogue_flops(const Node& node) {
  const std::size_t added = node.inputs.size() - 2;
  const std::size_t activation = node.attributes.has("activation") ? 1 : 0;
  return static_cast<double>(added + activation) *
         static_cast<double>(node.outputs[0].shape.numel());
}

}  // namespace sinew::ops
