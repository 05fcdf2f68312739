#pragma once

#include <cstdint>

namespace sinew::ops {

/// Positions of a window of `size` cells, `dilation` apart, moved by `stride` over `extent` cells;
/// 0 if it does not fit.
inline std::int64_t window_count(std::int64_t extent, std::int64_t size, std::int64_t stride,
                                 std::int64_t dilation = 1) {
  const std::int64_t span = (size - 1) * dilation + 1;
  return extent < span ? 0 : (extent - span) / stride + 1;
}

}  // namespace sinew::ops
