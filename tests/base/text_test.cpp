#include "sinew/base/text.h"

#include <gtest/gtest.h>

namespace sinew {
namespace {

TEST(Text, GroupsDigits) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1568), "1,568");
  EXPECT_EQ(grouped(-1234567), "-1,234,567");
}

TEST(Text, SnakeCaseAsKeras) {
  EXPECT_EQ(snake_case("Dense"), "dense");
  EXPECT_EQ(snake_case("Conv2D"), "conv2d");
  EXPECT_EQ(snake_case("MaxPooling2D"), "max_pooling2d");
  EXPECT_EQ(snake_case("BatchNormalization"), "batch_normalization");
  EXPECT_EQ(snake_case("LSTM"), "lstm");
  EXPECT_EQ(snake_case("SimpleRNN"), "simple_rnn");
  EXPECT_EQ(snake_case("ReLU"), "re_lu");
}

}  // namespace
}  // namespace sinew
