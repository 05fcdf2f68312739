#include "base/memory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>

#include "sinew/base/tensor.h"

namespace sinew {
namespace {

/// From two megabytes on, memory comes in pages of its own.
TEST(Memory, IsZeroAlignedAndWholeWhateverItsSize) {
  for (const std::int64_t bytes : {1, 100, (2 << 20) - 1, 2 << 20, (5 << 20) + 3}) {
    Tensor tensor({bytes}, DType::UInt8);
    const auto data = tensor.data<std::uint8_t>();
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(data.data()) % 64, 0u) << bytes;
    EXPECT_EQ(std::count(data.begin(), data.end(), 0), bytes);
    std::fill(data.begin(), data.end(), std::uint8_t{1});
    EXPECT_EQ(std::count(data.begin(), data.end(), 1), bytes);
  }
}

}  // namespace
}  // namespace sinew
