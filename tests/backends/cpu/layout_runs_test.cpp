#include "backends/cpu/layout_runs.h"

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

/// oneDNN's layouts of bfloat16 weights: rows in pairs, columns in blocks of 4 or one by one.
TEST(LayoutRuns, BFloat16LiesInPairs) {
  const Shape shape{5, 19};
  const BlockedLayout pairs_of_rows(
      DType::BFloat16,
      {BlockedLayout::axis({{3, 8}, {2, 1}}), BlockedLayout::axis({{5, 24}, {4, 2}})}, 120);
  const BlockedLayout pairs_of_columns(
      DType::BFloat16,
      {BlockedLayout::axis({{5, 2}}), BlockedLayout::axis({{3, 40}, {4, 10}, {2, 1}})}, 120);
  std::vector<float> plain(95);
  std::iota(plain.begin(), plain.end(), 1.0f);
  for (const BlockedLayout& layout : {pairs_of_rows, pairs_of_columns}) {
    const LayoutRuns runs(layout, shape);
    for (std::int64_t step : {95, 1, 2, 3, 7, 16}) {
      std::vector<BFloat16> stored(120);
      for (std::int64_t begin = 0; begin < 95; begin += step)
        runs.scatter(kFloat, plain.data() + begin, begin, std::min(step, 95 - begin),
                     DType::BFloat16, stored.data());
      for (std::int64_t r = 0; r < 5; ++r) {
        for (std::int64_t c = 0; c < 19; ++c) {
          const std::int64_t at = layout.offset(0, r) + layout.offset(1, c);
          ASSERT_EQ(static_cast<float>(stored[static_cast<std::size_t>(at)]),
                    static_cast<float>(1 + r * 19 + c))
              << layout.str() << " " << r << " " << c << " by " << step;
        }
      }
    }
  }
}

TEST(LayoutRuns, RefusesAnotherRank) {
  EXPECT_THROW(LayoutRuns(blocked(), Shape{95}), InternalError);
}

}  // namespace
}  // namespace sinew::cpu
