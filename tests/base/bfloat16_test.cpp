#include "sinew/base/bfloat16.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "backends/cpu/bfloat16_block.h"
#include "sinew/base/tensor.h"

namespace sinew {
namespace {

float from_bits(std::uint32_t bits) { return std::bit_cast<float>(bits); }

TEST(BFloat16, RoundsToNearestTiesToEven) {
  struct Case {
    float from;
    float to;
  };
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<Case> cases = {{0.0f, 0.0f},
                                   {-0.0f, -0.0f},
                                   {1.0f, 1.0f},
                                   {1.0f + 0x1p-8f, 1.0f},
                                   {1.0f + 3 * 0x1p-8f, 1.0f + 0x1p-6f},
                                   {1.0f + 0x1p-8f + 0x1p-20f, 1.0f + 0x1p-7f},
                                   {-3.14159274f, -3.140625f},
                                   {std::numeric_limits<float>::max(), infinity},
                                   {-infinity, -infinity},
                                   {from_bits(0x00018000), from_bits(0x00020000)},
                                   {from_bits(0x00008000), 0.0f}};
  for (const Case& c : cases) {
    const float found = BFloat16(c.from);
    EXPECT_EQ(std::memcmp(&found, &c.to, 4), 0) << c.from << " -> " << found;
  }
  // A NaN whose payload lies in the lower half only.
  EXPECT_TRUE(std::isnan(static_cast<float>(BFloat16(from_bits(0x7f800001)))));
  EXPECT_TRUE(std::isnan(static_cast<float>(BFloat16(from_bits(0xffffffff)))));
}

TEST(BFloat16, VectorsRoundAsScalarsDo) {
  std::vector<float> floats;
  for (std::uint32_t high = 0; high < 0x10000; high += 7) {
    for (std::uint32_t low : {0u, 1u, 0x7fffu, 0x8000u, 0x8001u, 0xffffu})
      floats.push_back(from_bits(high << 16 | low));
  }
  const auto count = static_cast<std::int64_t>(floats.size());
  std::vector<BFloat16> narrow(floats.size());
  cpu::narrow(floats.data(), count, narrow.data());
  std::vector<float> wide(floats.size());
  cpu::widen(narrow.data(), count, wide.data());
  for (std::size_t i = 0; i < floats.size(); ++i) {
    ASSERT_EQ(narrow[i].bits(), BFloat16(floats[i]).bits()) << floats[i];
    const float back = narrow[i];
    ASSERT_EQ(std::memcmp(&wide[i], &back, 4), 0) << floats[i];
  }
}

TEST(BFloat16, TensorsConvert) {
  const Tensor x = Tensor::from<float>({1.0f, -2.5f, 3.14159f}, {3});
  const Tensor narrow = x.cast(DType::BFloat16);
  EXPECT_EQ(narrow.bytes(), 6u);
  EXPECT_EQ(narrow.at(1), -2.5);
  EXPECT_EQ(narrow.at(2), 3.140625);
  EXPECT_EQ(narrow.cast(DType::Int64).at(2), 3);
  EXPECT_EQ(narrow.cast(DType::Float64).at(0), 1.0);
  EXPECT_EQ(Tensor::full({2}, 0.5, DType::BFloat16).at(1), 0.5);
  EXPECT_EQ(dtype_from_name("bfloat16"), DType::BFloat16);
  EXPECT_TRUE(is_floating(DType::BFloat16));
}

}  // namespace
}  // namespace sinew
