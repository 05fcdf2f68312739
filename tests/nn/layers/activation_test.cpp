#include <cmath>

#include "nn/layer_harness.h"
#include "sinew/ops/ops.h"

namespace sinew {
namespace {

const Tensor kX = f32({-2, -0.5, 0.5, 8}, {1, 4});

TEST(ActivationLayers, Values) {
  expect_near(run_layer(layers::Activation("relu"), kX), {0, 0, 0.5, 8});
  expect_near(run_layer(layers::ReLU(), kX), {0, 0, 0.5, 8});
  expect_near(
      run_layer(layers::ReLU({.max_value = 6.0, .negative_slope = 0.5, .threshold = 1.0}), kX),
      {-1.5, -0.75, -0.25, 6});
  expect_near(run_layer(layers::Softmax(), f32({0, std::log(3.0f)}, {1, 2})), {0.25, 0.75});
}

TEST(Lambda, IsAnyFunctionOfValues) {
  expect_near(run_layer(layers::Lambda([](Value x) { return x * 2.0 + 1.0; }), kX), {-3, 0, 2, 17});
  const LayerPtr both = layers::Lambda([](const std::vector<Value>& inputs) {
    return std::vector<Value>{inputs[0] + inputs[1], ops::sum(inputs[0], {1})};
  });
  const std::vector<Tensor> y = run_layer(both, std::vector{kX, kX});
  expect_near(y[0], {-4, -1, 1, 16});
  expect_near(y[1], {6});
  EXPECT_EQ(both->output_types({{DType::Float32, {-1, 4}}, {DType::Float32, {-1, 4}}})[1].shape,
            (Shape{-1}));
}

TEST(Reshaping, KeepsTheOrder) {
  const Tensor x = f32({1, 2, 3, 4, 5, 6, 7, 8}, {2, 2, 2});
  const Tensor flat = run_layer(layers::Flatten(), x);
  EXPECT_EQ(flat.shape(), (Shape{2, 4}));
  expect_near(flat, {1, 2, 3, 4, 5, 6, 7, 8}, 0);
  const Tensor reshaped = run_layer(layers::Reshape({4, 1}), x);
  EXPECT_EQ(reshaped.shape(), (Shape{2, 4, 1}));
  expect_near(reshaped, {1, 2, 3, 4, 5, 6, 7, 8}, 0);
}

}  // namespace
}  // namespace sinew
