// Constraints hold after every step, within the step's program.
#include <gtest/gtest.h>

#include <cmath>

#include "model/small_models.h"
#include "sinew/ops/ops.h"

namespace sinew {
namespace {

using namespace testing;

/// Norms of a weight's columns: everything but its last axis is summed over.
std::vector<double> norms(const Tensor& weight) {
  const std::int64_t columns = weight.shape()[-1];
  std::vector<double> squares(static_cast<std::size_t>(columns), 0.0);
  for (std::int64_t i = 0; i < weight.numel(); ++i)
    squares[static_cast<std::size_t>(i % columns)] += weight.at(i) * weight.at(i);
  for (double& square : squares) square = std::sqrt(square);
  return squares;
}

TEST(Constraints, HoldAfterEveryStep) {
  const Classes data = three_classes(64);
  for (const char* optimizer : {"adam", "sgd"}) {
    set_random_seed(5);
    Sequential model;
    model.add(layers::Dense(8, {.activation = "relu",
                                .kernel_constraint = constraints::MaxNorm({.max_value = 0.5}),
                                .bias_constraint = "non_neg",
                                .input_shape = {4}}));
    model.add(layers::Dense(3, {.activation = "softmax", .kernel_constraint = "unit_norm"}));
    model.compile({.optimizer = optimizer, .loss = "sparse_categorical_crossentropy"});
    for (int step = 0; step < 5; ++step) {
      model.train_on_batch(data.x, data.y);
      const std::vector<Tensor> weights = model.get_weights();
      for (const double norm : norms(weights[0])) EXPECT_LE(norm, 0.5 + 1e-6);
      for (std::int64_t i = 0; i < 8; ++i) EXPECT_GE(weights[1].at(i), 0.0);
      for (const double norm : norms(weights[2])) EXPECT_NEAR(norm, 1.0, 1e-5);
    }
  }
}

TEST(Constraints, HoldForFiltersInTheirKernelsLayouts) {
  set_random_seed(6);
  Sequential model;
  model.add(layers::Conv2D(16, {3, 3},
                           {.activation = "relu",
                            .kernel_constraint = constraints::UnitNorm({0, 1, 2}),
                            .input_shape = {8, 8, 16}}));
  model.add(layers::Flatten());
  model.add(layers::Dense(1));
  model.compile({.optimizer = "adam", .loss = "mse"});
  Tensor x({8, 8, 8, 16});
  PhiloxStream random(1, 1);
  for (float& value : x.data<float>()) value = static_cast<float>(random.uniform());
  for (int step = 0; step < 3; ++step) model.train_on_batch(x, Tensor::full({8, 1}, 1.0));
  for (const double norm : norms(model.get_weights()[0])) EXPECT_NEAR(norm, 1.0, 1e-5);
  // What the next step reads is what get_weights() shows: a model made from it predicts the same.
  Sequential copy;
  copy.add(layers::Conv2D(16, {3, 3}, {.activation = "relu", .input_shape = {8, 8, 16}}));
  copy.add(layers::Flatten());
  copy.add(layers::Dense(1));
  copy.set_weights(model.get_weights());
  EXPECT_TRUE(same_bits(copy.predict(x), model.predict(x)));
}

TEST(Constraints, FrozenWeightsAreLeftAlone) {
  Sequential model;
  model.add(layers::Dense(2, {.kernel_constraint = "unit_norm", .input_shape = {2}}));
  model.add(layers::Dense(1));
  model.layers()[0]->set_trainable(false);
  const Tensor before = model.get_weights()[0];
  model.compile({.optimizer = "sgd", .loss = "mse"});
  model.train_on_batch(Tensor::full({4, 2}, 1.0), Tensor({4, 1}));
  EXPECT_TRUE(same_bits(before, model.get_weights()[0]));
}

TEST(Constraints, AreSavedWithTheModel) {
  Sequential model;
  model.add(layers::Dense(2, {.kernel_constraint = "MaxNorm(max_value=3.0)",
                              .bias_constraint = "non_neg",
                              .input_shape = {2}}));
  const Attributes config = model.layers()[0]->config();
  EXPECT_EQ(config.get<std::string>("kernel_constraint"), "MaxNorm(axis=[0], max_value=3.0)");
  EXPECT_EQ(config.get<std::string>("bias_constraint"), "NonNeg");
}

}  // namespace
}  // namespace sinew
