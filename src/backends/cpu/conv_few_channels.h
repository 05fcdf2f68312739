#pragma once

#include <memory>

#include "backends/cpu/conv_shape.h"
#include "backends/cpu/pool_rows.h"
#include "backends/cpu/registry.h"

namespace sinew::cpu {

/// Kernels for convolutions whose input has 1 to 4 channels: a network's first layer. oneDNN's are
/// made for 16 channels in a vector.

/// Whether they do this convolution and this pooling of its result: windows that do not overlap,
/// rows of which fit on the stack. Images and pooled values are `stored` as float32 or bfloat16,
/// all else is float32.
bool few_channels_pool(const ConvShape& s, const PoolShape& pool, DType stored);

/// (x, w[, bias]) -> largest of each window, its number in the window.
std::unique_ptr<Kernel> make_few_channels_pool(const ConvShape& s, const PoolShape& pool, bool bias,
                                               bool relu, DType stored);
/// (x, number, d largest) -> dw[, db].
std::unique_ptr<Kernel> make_few_channels_pool_backward_filter(const ConvShape& s,
                                                               const PoolShape& pool, bool bias,
                                                               DType stored);

}  // namespace sinew::cpu
