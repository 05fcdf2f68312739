#include "sinew/base/shape.h"

#include <gtest/gtest.h>

#include "sinew/base/error.h"

namespace sinew {
namespace {

TEST(Shape, PrintsAsKeras) {
  EXPECT_EQ((Shape{Shape::kUnknown, 28, 28, 1}).str(), "(None, 28, 28, 1)");
  EXPECT_EQ(Shape{5}.str(), "(5,)");
  EXPECT_EQ(Shape{}.str(), "()");
}

TEST(Shape, RefusesOverflow) {
  EXPECT_THROW((Shape{int64_t{1} << 40, int64_t{1} << 40}).numel(), ShapeError);
}

TEST(Shape, BroadcastsAsNumPy) {
  EXPECT_EQ(broadcast_shapes({3, 1, 5}, {4, 1}), (Shape{3, 4, 5}));
  EXPECT_THROW(broadcast_shapes({3}, {4}), ShapeError);
}

}  // namespace
}  // namespace sinew
