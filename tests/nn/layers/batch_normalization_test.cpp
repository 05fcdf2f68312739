#include <cmath>

#include "nn/layer_harness.h"

namespace sinew {
namespace {

using layers::BatchNormalization;

/// Two features: 1, 2, 3, 6 (mean 3, biased variance 3.5) and 0, 0, 4, 0 (mean 1, variance 3).
const Tensor kBatch = f64({1, 0, 2, 0, 3, 4, 6, 0}, {4, 2});

double normal(double x, double mean, double variance) {
  return (x - mean) / std::sqrt(variance + 1e-3);
}

TEST(BatchNormalization, TrainingUsesTheBatchAndMovesTheStatistics) {
  const LayerPtr layer =
      BatchNormalization({.gamma_initializer = "Constant(value=2.0)", .dtype = DType::Float64});
  const Tensor y = run_layer(layer, kBatch, true);
  for (std::int64_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(y.at(2 * i), 2 * normal(kBatch.at(2 * i), 3, 3.5), 1e-12);
    EXPECT_NEAR(y.at(2 * i + 1), 2 * normal(kBatch.at(2 * i + 1), 1, 3), 1e-12);
  }
  // gamma, beta, moving_mean, moving_variance; momentum 0.99.
  expect_near(layer->weights()[2]->value(), {0.03, 0.01}, 1e-14);
  expect_near(layer->weights()[3]->value(), {0.99 + 0.035, 0.99 + 0.03}, 1e-14);
  EXPECT_EQ(layer->trainable_weights().size(), 2u);
}

TEST(BatchNormalization, InferenceUsesTheMovingStatistics) {
  const LayerPtr layer = BatchNormalization({.dtype = DType::Float64});
  layer->ensure_built({{DType::Float64, {-1, 2}}});
  layer->weights()[1]->assign(f64({0.5, -0.5}, {2}));
  layer->weights()[2]->assign(f64({2, 3}, {2}));
  layer->weights()[3]->assign(f64({4, 9}, {2}));
  const Tensor y = run_layer(layer, kBatch);
  for (std::int64_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(y.at(2 * i), normal(kBatch.at(2 * i), 2, 4) + 0.5, 1e-12);
    EXPECT_NEAR(y.at(2 * i + 1), normal(kBatch.at(2 * i + 1), 3, 9) - 0.5, 1e-12);
  }
  expect_near(layer->weights()[2]->value(), {2, 3}, 0);
}

TEST(BatchNormalization, FrozenItStaysInInference) {
  const LayerPtr layer = BatchNormalization({.dtype = DType::Float64, .trainable = false});
  const Tensor y = run_layer(layer, kBatch, true);
  EXPECT_NEAR(y.at(0), normal(1, 0, 1), 1e-12);
  expect_near(layer->weights()[2]->value(), {0, 0}, 0);
}

TEST(BatchNormalization, AnotherAxisWithoutCenterAndScale) {
  const LayerPtr layer =
      BatchNormalization({.axis = 1, .center = false, .scale = false, .dtype = DType::Float64});
  // (2, 2, 2): feature 0 holds 1, 2, 5, 8 (mean 4, variance 7.5), feature 1 holds 0, 0, 0, 4 (mean
  // 1, variance 3).
  const Tensor y = run_layer(layer, f64({1, 2, 0, 0, 5, 8, 0, 4}, {2, 2, 2}), true);
  expect_near(y,
              {normal(1, 4, 7.5), normal(2, 4, 7.5), normal(0, 1, 3), normal(0, 1, 3),
               normal(5, 4, 7.5), normal(8, 4, 7.5), normal(0, 1, 3), normal(4, 1, 3)},
              1e-12);
  EXPECT_EQ(layer->weights().size(), 2u);
}

TEST(BatchNormalization, SharedItMovesTwice) {
  const LayerPtr layer = BatchNormalization({.momentum = 0.5, .dtype = DType::Float64});
  Graph graph;
  CallContext context{.graph = graph, .training = true};
  (*layer)(context, graph.constant(f64({2, 2}, {2, 1})));
  (*layer)(context, graph.constant(f64({6, 6}, {2, 1})));
  compiler::compile(std::move(graph))->run({});
  expect_near(layer->weights()[2]->value(), {(0 * 0.5 + 2 * 0.5) * 0.5 + 6 * 0.5}, 1e-14);
}

}  // namespace
}  // namespace sinew
