#include "backends/cpu/blocked_layout.h"

#include <gtest/gtest.h>

#include "sinew/base/error.h"

namespace sinew::cpu {
namespace {

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

}  // namespace
}  // namespace sinew::cpu
