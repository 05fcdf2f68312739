#pragma once

#include <cstdint>

namespace sinew::cpu {

/// One output row of a convolution of few channels. Channels of neighbouring pixels lie together,
/// so the kw * c products under a kernel row read one run of an input row.
struct FewChannelsRow {
  /// The input row (padded) under each of the kernel's rows.
  const float* const* rows;
  /// Kernel rows, products under one of them, and floats from one output pixel's run to the next's.
  std::int64_t kernel_rows, taps, step;
  std::int64_t pixels, filters;
};

/// y (pixels, filters) = activation(row * w + bias); `w` is HWIO; `bias` may be null.
void few_channels_forward(const FewChannelsRow& row, const float* w, const float* bias, bool relu,
                          float* y);

/// Adds the row's part of the gradients of filter (HWIO) and bias (null where unwanted).
void few_channels_backward_filter(const FewChannelsRow& row, const float* dy, float* dw, float* db);

}  // namespace sinew::cpu
