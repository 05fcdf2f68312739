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

}  // namespace
}  // namespace sinew
