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

TEST(Pooling, OfSequencesAndVolumes) {
  const Tensor steps = f32({1, 5, 2, 4, 3}, {1, 5, 1});
  expect_near(run_layer(layers::MaxPooling1D(), steps), {5, 4}, 0);
  expect_near(run_layer(layers::AveragePooling1D(3, {.strides = 2, .padding = "same"}), steps),
              {3, 11.0 / 3, 3.5});
  Tensor volume(Shape{1, 2, 4, 4, 1});
  for (std::int64_t i = 0; i < 32; ++i)
    volume.data<float>()[static_cast<std::size_t>(i)] = static_cast<float>(i);
  expect_near(run_layer(layers::MaxPooling3D(), volume), {21, 23, 29, 31}, 0);
  expect_near(run_layer(layers::AveragePooling3D(), volume), {10.5, 12.5, 18.5, 20.5});
  expect_near(run_layer(layers::GlobalMaxPooling3D(), volume), {31}, 0);
  expect_near(run_layer(layers::GlobalAveragePooling3D(), volume), {15.5});
  expect_near(run_layer(layers::GlobalMaxPooling1D(), steps), {5}, 0);
}

/// Cell i of 3 sees [floor(5 i / 3), ceil(5 (i + 1) / 3)) of 5: [0, 2), [1, 4), [3, 5).
TEST(AdaptivePooling, WindowsCoverTheInput) {
  const Tensor steps = f32({1, 5, 2, 4, 3}, {1, 5, 1});
  expect_near(run_layer(layers::AdaptiveMaxPooling1D(3), steps), {5, 5, 4}, 0);
  expect_near(run_layer(layers::AdaptiveAveragePooling1D(3), steps), {3, 11.0 / 3, 3.5});
  expect_near(run_layer(layers::AdaptiveAveragePooling2D({1, 3}), kImage), {4, 5, 6});
  expect_near(run_layer(layers::AdaptiveMaxPooling2D(2), kImage), {5, 6, 8, 9}, 0);
}

}  // namespace
}  // namespace sinew
