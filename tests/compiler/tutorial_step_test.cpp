// What the compiled training step of the tutorial's networks looks like.

#include <gtest/gtest.h>

#include <algorithm>

#include "model/state.h"
#include "sinew/sinew.h"

namespace sinew {
namespace {

using namespace layers;

/// Kernel names of a model's training step.
std::vector<std::string> steps_of(Model& model, const Tensor& x, const Tensor& y) {
  model.train_on_batch(x, y);
  model::Arrays arrays;
  arrays.x = {x};
  arrays.y = {y};
  arrays.rows = x.shape()[0];
  const auto step = model.state()->steps.get(
      *model.state(), model::step_key(model::Mode::Train, arrays, arrays.rows));
  std::vector<std::string> names;
  for (const auto& s : step->program().steps) names.push_back(s.kernel);
  return names;
}

std::int64_t count(const std::vector<std::string>& names, const std::string& name) {
  return std::count(names.begin(), names.end(), name);
}

TEST(TutorialStep, CnnMovesNoActivationAndReordersNoWeight) {
  Sequential model({Conv2D(32, {3, 3}, {.activation = "relu", .input_shape = {28, 28, 1}}),
                    MaxPooling2D({2, 2}), Conv2D(64, {3, 3}, {.activation = "relu"}),
                    MaxPooling2D({2, 2}), Flatten(), Dense(128, {.activation = "relu"}),
                    Dense(10, {.activation = "softmax"})});
  model.compile({.loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  const auto names = steps_of(model, Tensor({4, 28, 28, 1}), Tensor(Shape{4}, DType::Int64));
  for (const char* moving : {"reorder", "transpose", "reshape", "slice", "concatenate", "pad"}) {
    EXPECT_EQ(count(names, moving), 0) << moving;
  }
  EXPECT_EQ(count(names, "conv2d"), 2);
  EXPECT_EQ(count(names, "conv2d_backward_input"), 1) << "the images' gradient is not needed";
  EXPECT_EQ(count(names, "conv2d_backward_filter"), 2);
  EXPECT_EQ(count(names, "sparse_softmax_cross_entropy"), 1) << "softmax and loss are one op";
  EXPECT_EQ(count(names, "softmax"), 0)
      << "accuracy asks for the largest output only";
}

TEST(TutorialStep, LstmIsSixRecurrentSteps) {
  Sequential model({LSTM(16, {.return_sequences = true, .input_shape = {5, 3}}),
                    LSTM(16, {.return_sequences = true}), LSTM(16),
                    Dense(4, {.activation = "softmax"})});
  model.compile({.loss = "categorical_crossentropy", .metrics = {"accuracy"}});
  const auto names = steps_of(model, Tensor({2, 5, 3}), Tensor({2, 4}));
  EXPECT_EQ(count(names, "lstm"), 3);
  EXPECT_EQ(count(names, "lstm_backward"), 3);
  EXPECT_EQ(count(names, "transpose"), 0);
}

}  // namespace
}  // namespace sinew
