#include "sinew/runtime/floor.h"

#include <gtest/gtest.h>

#include <cmath>

namespace sinew::runtime {
namespace {

TEST(PrimitiveTimer, HasATimeForEveryPrimitiveOnceItHasRun) {
  using Kind = Primitive::Kind;
  PrimitiveTimer timer({{Kind::Matmul, {4, 5, 6}},
                        {Kind::Matmul, {4, 5, 6}},
                        {Kind::ConvForward, {1, 6, 6, 1, 4}},
                        {Kind::ConvBackwardWeights, {1, 6, 6, 3, 4}, 3, 2, true},
                        {Kind::MaxPoolBackward, {1, 4, 4, 2}},
                        {Kind::BatchNormBackward, {1, 4, 4, 16}},
                        {Kind::LstmBackward, {3, 2, 4, 8}}});
  EXPECT_TRUE(std::isinf(timer.seconds()));
  timer.run(2);
  EXPECT_TRUE(std::isfinite(timer.seconds()));
  EXPECT_GT(timer.seconds(), 0);
  EXPECT_EQ(PrimitiveTimer({}).seconds(), 0);
}

}  // namespace
}  // namespace sinew::runtime
