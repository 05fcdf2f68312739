#include "nn/layer_harness.h"

namespace sinew {
namespace {

TEST(Dense, IsAnAffineMap) {
  const LayerPtr layer = layers::Dense(2);
  layer->ensure_built({{DType::Float32, {-1, 3}}});
  layer->weights()[0]->assign(f32({1, 2, 3, 4, 5, 6}, {3, 2}));
  layer->weights()[1]->assign(f32({10, 20}, {2}));
  expect_near(run_layer(layer, f32({1, 0, -1, 1, 1, 1}, {2, 3})), {6, 16, 19, 32});
}

TEST(Dense, ActsOnTheLastAxisOfMore) {
  const LayerPtr layer =
      layers::Dense(1, {.activation = "relu", .use_bias = false, .kernel_initializer = "ones"});
  const Tensor y = run_layer(layer, f32({1, 2, -3, -4, 5, 6, 7, 8}, {2, 2, 2}));
  EXPECT_EQ(y.shape(), (Shape{2, 2, 1}));
  expect_near(y, {3, 0, 11, 15});
}

TEST(Dense, Float64AndAnyFunctionAsActivation) {
  const LayerPtr layer = layers::Dense(1, {.activation = [](Value x) { return x * x; },
                                           .kernel_initializer = "ones",
                                           .dtype = DType::Float64});
  expect_near(run_layer(layer, f64({0.1, 0.2}, {1, 2})), {0.09}, 1e-15);
}

}  // namespace
}  // namespace sinew
