#include "backends/cpu/blocked_layout.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "sinew/base/error.h"

namespace sinew::cpu {
namespace {

constexpr DType kFloat = DType::Float32;

/// 5 x 19 padded to 8 x 24: columns in panels of 8, in each the rows in two blocks of 4, which are
/// innermost.
BlockedLayout blocked(DType stored = DType::Float32) {
  return {stored,
          {BlockedLayout::axis({{2, 32}, {4, 1}}), BlockedLayout::axis({{3, 64}, {8, 4}})},
          192};
}

TEST(BlockedLayout, ReadsWhatItWrites) {
  EXPECT_EQ(blocked().str(), "float32 192(2*32+4*1, 3*64+8*4)");
  const BlockedLayout read = BlockedLayout::parse(blocked().str());
  EXPECT_EQ(read.axes(), blocked().axes());
  EXPECT_EQ(read.size(), 192);
  for (const char* wrong :
       {"", "nhwc", "12(3*4)", "int32 12(3*4)", "float32 12", "float32 12(", "float32 12(3*4",
        "float32 12(3*4, )", "float32 12(3*-4)", "float32 12(3*x)"})
    EXPECT_THROW(BlockedLayout::parse(wrong), InternalError) << wrong;
}

TEST(BlockedLayout, IsRowMajorWhereItMovesNothing) {
  // 6 x 32 with columns in two blocks that follow each other.
  const BlockedLayout plain(
      DType::Float32, {BlockedLayout::axis({{6, 32}}), BlockedLayout::axis({{2, 16}, {16, 1}})},
      192);
  EXPECT_TRUE(plain.row_major({6, 32}));
  EXPECT_EQ(plain.name_for(DType::Float32, {6, 32}), "");
  EXPECT_FALSE(plain.row_major({6, 31})) << "a gap at the end of each row";
  EXPECT_FALSE(plain.row_major({5, 32})) << "a row too many";
  EXPECT_FALSE(blocked().row_major({5, 19}));
  // An axis of one element may have any stride.
  EXPECT_TRUE(BlockedLayout(DType::Float32,
                            {BlockedLayout::axis({{1, 7}}), BlockedLayout::axis({{4, 1}})}, 4)
                  .row_major({1, 4}));
}

TEST(LayoutRuns, PutsEachElementWhereTheDigitsSay) {
  const Shape shape{5, 19};
  const LayoutRuns runs(blocked(), shape);
  std::vector<float> plain(95);
  std::iota(plain.begin(), plain.end(), 1.0f);
  std::vector<float> whole(192, 0);
  runs.scatter(kFloat, plain.data(), 0, 95, kFloat, whole.data());
  for (std::int64_t r = 0; r < 5; ++r) {
    for (std::int64_t c = 0; c < 19; ++c) {
      const std::int64_t at = r / 4 * 32 + r % 4 + c / 8 * 64 + c % 8 * 4;
      EXPECT_EQ(whole[static_cast<std::size_t>(at)], static_cast<float>(1 + r * 19 + c));
    }
  }
  EXPECT_EQ(std::accumulate(whole.begin(), whole.end(), 0.0f), 95 * 96 / 2) << "padding stays";
  EXPECT_EQ(runs.elements(), 95);

  std::vector<float> pieces(192, 0);
  for (std::int64_t begin = 0; begin < 95; begin += 7)
    runs.scatter(kFloat, plain.data() + begin, begin, std::min<std::int64_t>(7, 95 - begin), kFloat,
                 pieces.data());
  EXPECT_EQ(pieces, whole);

  std::vector<float> back(95, 0);
  runs.gather(kFloat, whole.data(), kFloat, back.data());
  EXPECT_EQ(back, plain);
}

TEST(LayoutRuns, AnAxisMayNumberPaddedGroups) {
  // Three groups of five filters, each padded to two blocks of four.
  const BlockedLayout layout(kFloat, {{{3, {{3, 8}}}, {5, {{2, 4}, {4, 1}}}}}, 24);
  EXPECT_EQ(layout.str(), "float32 24(3:3*8/5:8*1)");
  EXPECT_EQ(BlockedLayout::parse(layout.str()).axes(), layout.axes());
  const LayoutRuns runs(layout, {15});
  std::vector<float> plain(15), stored(24), back(15);
  std::iota(plain.begin(), plain.end(), 1.0f);
  runs.scatter(kFloat, plain.data(), 0, 4, kFloat, stored.data());
  runs.scatter(kFloat, plain.data() + 4, 4, 11, kFloat, stored.data());
  for (std::size_t i = 0; i < 15; ++i) EXPECT_EQ(stored[i / 5 * 8 + i % 5], plain[i]);
  runs.gather(kFloat, stored.data(), kFloat, back.data());
  EXPECT_EQ(back, plain);
  // Without padding the groups' numbers are digits like any others.
  const BlockedLayout whole(kFloat, {{{3, {{3, 8}}}, {8, {{2, 4}, {4, 1}}}}}, 24);
  EXPECT_EQ(whole.name_for(kFloat, {24}), "");
}

TEST(LayoutRuns, RoundsToTheStoredType) {
  const BlockedLayout layout = blocked(DType::BFloat16);
  EXPECT_EQ(layout.bytes(), 2 * 192u);
  EXPECT_NE(layout.name_for(kFloat, {5, 19}), "");
  const LayoutRuns runs(layout, {5, 19});
  std::vector<float> plain(95, 1.003f), back(95);
  std::vector<BFloat16> stored(192);
  runs.scatter(kFloat, plain.data(), 0, 95, DType::BFloat16, stored.data());
  runs.gather(DType::BFloat16, stored.data(), kFloat, back.data());
  EXPECT_EQ(back, std::vector<float>(95, 1.0f));
  EXPECT_THROW(runs.scatter(DType::Float64, plain.data(), 0, 1, kFloat, back.data()),
               InternalError);
}

TEST(LayoutRuns, RefusesAnotherRank) {
  EXPECT_THROW(LayoutRuns(blocked(), Shape{95}), InternalError);
}

}  // namespace
}  // namespace sinew::cpu
