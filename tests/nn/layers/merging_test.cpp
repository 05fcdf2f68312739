#include "nn/layer_harness.h"

namespace sinew {
namespace {

const Tensor kA = f32({1, 2, 3, 4}, {2, 2});
const Tensor kB = f32({5, 6}, {2, 1});

TEST(Merging, Concatenate) {
  const LayerPtr layer = layers::Concatenate();
  const Tensor y = run_layer(layer, std::vector{kA, kB}).front();
  EXPECT_EQ(y.shape(), (Shape{2, 3}));
  expect_near(y, {1, 2, 5, 3, 4, 6}, 0);
  EXPECT_EQ(make_layer("Concatenate", layer->config())->config(), layer->config());
}

TEST(Merging, AddBroadcasts) {
  const LayerPtr layer = layers::Add();
  expect_near(run_layer(layer, std::vector{kA, kB, kA}).front(), {7, 9, 12, 14}, 0);
  EXPECT_EQ(make_layer("Add", layer->config())->config(), layer->config());
}

TEST(Merging, ElementByElement) {
  const Tensor c = f32({3, -2}, {1, 2});
  expect_near(run_layer(layers::Subtract(), std::vector{kA, kB}).front(), {-4, -3, -3, -2}, 0);
  expect_near(run_layer(layers::Multiply(), std::vector{kA, kB, c}).front(), {15, -20, 54, -48}, 0);
  expect_near(run_layer(layers::Average(), std::vector{kA, kB, c}).front(),
              {3, 5.0 / 3, 4, 8.0 / 3}, 1e-6);
  expect_near(run_layer(layers::Maximum(), std::vector{kA, c}).front(), {3, 2, 3, 4}, 0);
  expect_near(run_layer(layers::Minimum(), std::vector{kA, c}).front(), {1, -2, 3, -2}, 0);
}

TEST(Merging, SubtractTakesTwo) {
  EXPECT_EQ(message_of<ShapeError>([] {
              layers::Subtract({.name = "s"})
                  ->ensure_built(std::vector<TensorType>(3, {DType::Float32, {-1, 2}}));
            }),
            "Subtract \"s\": takes 2 inputs, but 3 were given");
}

TEST(Merging, ErrorsNameAllShapes) {
  const std::vector<TensorType> types = {{DType::Float32, {-1, 2}}, {DType::Float32, {-1, 3}}};
  EXPECT_EQ(message_of<ShapeError>([&] { layers::Add({.name = "a"})->ensure_built(types); }),
            "Add \"a\": inputs of shapes (None, 2) and (None, 3) cannot be added: extents must "
            "agree, or be 1");
  const std::vector<TensorType> ranks = {{DType::Float32, {-1, 2}}, {DType::Float32, {-1, 3, 2}}};
  EXPECT_EQ(
      message_of<ShapeError>([&] { layers::Concatenate({.name = "c"})->ensure_built(ranks); }),
      "Concatenate \"c\": inputs of shapes (None, 2) and (None, 3, 2) cannot be joined along axis "
      "-1: all other "
      "extents must agree");
}

}  // namespace
}  // namespace sinew
