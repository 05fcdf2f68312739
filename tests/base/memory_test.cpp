#include "base/memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

#include "sinew/base/error.h"
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

/// Pages that nobody has touched cost nothing, but may all be touched.
TEST(Memory, OfAllTensorsIsNoMoreThanTheMachineHas) {
  const auto pages = static_cast<std::size_t>(::sysconf(_SC_PHYS_PAGES));
  const std::size_t most = pages * static_cast<std::size_t>(::sysconf(_SC_PAGE_SIZE)) / 8 * 6;
  for (int round = 0; round < 2; ++round) {
    const std::shared_ptr<void> first = allocate_aligned(most);
    try {
      allocate_aligned(most);
      FAIL() << "the machine has not so much";
    } catch (const MemoryError& error) {
      EXPECT_THAT(error.what(), ::testing::HasSubstr("are taken by tensors already"));
    }
  }
}

}  // namespace
}  // namespace sinew
