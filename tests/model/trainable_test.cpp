#include <gtest/gtest.h>

#include "model/small_models.h"

namespace sinew {
namespace {

using namespace testing;

/// Whether a step changes the model's only layer.
bool learns(Model& model) {
  const Tensor x = Tensor::full({2, 1}, 1.0), y = Tensor::full({2, 1}, 3.0);
  const Tensor before = model.get_weights()[0].clone();
  model.train_on_batch(x, y);
  return !same_bits(before, model.get_weights()[0]);
}

TEST(Trainable, WhatIsFrozenIsTrainedUntilTheModelIsCompiledAnew) {
  Model model = linear({1.0f}, 0.0f);
  // No step has been compiled yet: the choice was made by compile().
  model.layers()[0]->set_trainable(false);
  EXPECT_TRUE(learns(model));
  model.compile({.optimizer = "sgd", .loss = "mse"});
  EXPECT_FALSE(learns(model));
  model.layers()[0]->set_trainable(true);
  EXPECT_FALSE(learns(model));
  model.compile({.optimizer = "sgd", .loss = "mse"});
  EXPECT_TRUE(learns(model));
}

}  // namespace
}  // namespace sinew
