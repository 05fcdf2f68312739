#pragma once

#include <memory>

#include "backends/cpu/conv_primitives.h"
#include "backends/cpu/registry.h"

namespace sinew::cpu {

/// The kernel that computes the gradient of the filter and, with `bias`, of the bias; null where
/// oneDNN has no fast code for it.
std::unique_ptr<Kernel> make_conv_backward_filter(const ConvShape& s, const ConvTypes& types,
                                                  bool bias);

}  // namespace sinew::cpu
