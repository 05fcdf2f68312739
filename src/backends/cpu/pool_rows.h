#pragma once

#include <cstdint>

namespace sinew::cpu {

/// The channels of one output cell of a max-pooling and the window it looks at, clipped to the
/// input: cells[k] for k in [0, count) are the addresses of the window's cells, numbers[k] their
/// positions in the unclipped window.
struct PoolWindow {
  const float* const* cells;
  const std::int32_t* numbers;
  std::int64_t count;
};

/// largest[c] = max over cells, index[c] = the position of the first largest.
void max_pool_cell(const PoolWindow& window, std::int64_t channels, float* largest,
                   std::uint8_t* index);

/// dx[k][c] (+)= index[c] == numbers[k] ? dy[c] : 0 for every cell of a window.
void max_pool_cell_backward(float* const* cells, const std::int32_t* numbers, std::int64_t count,
                            std::int64_t channels, const float* dy, const std::uint8_t* index,
                            bool accumulate);

}  // namespace sinew::cpu
