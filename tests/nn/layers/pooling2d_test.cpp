#include "nn/layer_harness.h"

namespace sinew {
namespace {

const Tensor kImage = f32({1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 3, 3, 1});

TEST(Pooling2D, ValidDropsWhatDoesNotFillAWindow) {
  expect_near(run_layer(layers::MaxPooling2D(), kImage), {5});
  expect_near(run_layer(layers::AveragePooling2D(), kImage), {3});
}

TEST(Pooling2D, SameDoesNotCountPadding) {
  expect_near(run_layer(layers::MaxPooling2D(2, {.padding = "same"}),
                        f32({-1, -2, -3, -4, -5, -6, -7, -8, -9}, {1, 3, 3, 1})),
              {-1, -3, -7, -9});
  expect_near(run_layer(layers::AveragePooling2D(2, {.padding = "same"}), kImage),
              {3, 4.5, 7.5, 9});
}

TEST(Pooling2D, StridesMayOverlap) {
  expect_near(run_layer(layers::MaxPooling2D({2, 1}, {.strides = {1, 2}}), kImage), {4, 6, 7, 9});
}

TEST(GlobalPooling2D, TakesTheWholeImage) {
  const Tensor images = f32({1, 10, 2, 20, 3, 30, 4, 40, -1, 0, -2, 0, -3, 0, -4, 0}, {2, 2, 2, 2});
  expect_near(run_layer(layers::GlobalAveragePooling2D(), images), {2.5, 25, -2.5, 0});
  const Tensor largest = run_layer(layers::GlobalMaxPooling2D({.keepdims = true}), images);
  EXPECT_EQ(largest.shape(), (Shape{2, 1, 1, 2}));
  expect_near(largest, {4, 40, -1, 0}, 0);
}

}  // namespace
}  // namespace sinew
