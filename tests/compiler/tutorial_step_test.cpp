// What the compiled training step of the tutorial's networks, and of a Transformer, looks like.

#include <gtest/gtest.h>

#include <algorithm>

#include "model/state.h"
#include "sinew/sinew.h"

namespace sinew {
namespace {

using namespace layers;

/// A model's training step.
runtime::Program program_of(Model& model, const Tensor& x, const Tensor& y) {
  model.train_on_batch(x, y);
  model::Arrays arrays;
  arrays.x = {x};
  arrays.y = {y};
  arrays.rows = x.shape()[0];
  const auto step = model.state()->steps.get(
      *model.state(), model::step_key(model::Mode::Train, arrays, arrays.rows));
  return step->program();
}

std::vector<std::string> kernels_of(const runtime::Program& program) {
  std::vector<std::string> names;
  for (const auto& s : program.steps) names.push_back(s.kernel);
  return names;
}

std::int64_t count(const std::vector<std::string>& names, const std::string& name) {
  return std::count(names.begin(), names.end(), name);
}

Sequential cnn() {
  return Sequential({Conv2D(32, {3, 3}, {.activation = "relu", .input_shape = {28, 28, 1}}),
                     MaxPooling2D({2, 2}), Conv2D(64, {3, 3}, {.activation = "relu"}),
                     MaxPooling2D({2, 2}), Flatten(), Dense(128, {.activation = "relu"}),
                     Dense(10, {.activation = "softmax"})});
}

TEST(TutorialStep, CnnMovesNoActivationAndNoWeight) {
  Sequential model = cnn();
  model.compile({.loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  const runtime::Program program =
      program_of(model, Tensor({4, 28, 28, 1}), Tensor(Shape{4}, DType::Int64));
  const auto names = kernels_of(program);
  for (const char* moving :
       {"reorder", "transpose", "reshape", "slice", "concatenate", "pad", "broadcast_to", "copy"}) {
    EXPECT_EQ(count(names, moving), 0) << moving;
  }
  EXPECT_EQ(count(names, "conv_max_pool"), 1) << "one channel: convolution and pooling are one";
  EXPECT_EQ(count(names, "conv"), 1);
  EXPECT_EQ(count(names, "conv_backward_input"), 1) << "the images' gradient is not needed";
  EXPECT_EQ(count(names, "conv_max_pool_backward_filter"), 1);
  EXPECT_EQ(count(names, "conv_backward_filter"), 1);
  EXPECT_EQ(count(names, "sparse_softmax_cross_entropy"), 1) << "softmax and loss are one op";
  EXPECT_EQ(count(names, "softmax"), 0) << "accuracy asks for the largest output only";
  for (const auto& step : program.steps) EXPECT_EQ(step.packed_bytes, 0) << step.name();
}

/// Loops over all of the CNN's eight weights (which are one loop unless `together` is false), and
/// what else reads a gradient of the largest one.
std::vector<std::string> passes_over_weights(OptimizerPtr optimizer, bool together = true) {
  Sequential model = cnn();
  model.compile({.optimizer = std::move(optimizer), .loss = "sparse_categorical_crossentropy"});
  std::vector<std::string> passes;
  const runtime::Program program =
      program_of(model, Tensor({4, 28, 28, 1}), Tensor(Shape{4}, DType::Int64));
  for (const runtime::Step& step : program.steps) {
    const bool reads = std::any_of(step.inputs.begin(), step.inputs.end(), [](const auto& input) {
      return input.type.shape == Shape{1600, 128} && input.place == runtime::Place::Arena;
    });
    if (!reads) continue;
    passes.push_back(step.kernel);
    if (step.kernel == "fused") {
      passes.back() += step.attributes.str();
      if (together) {
        EXPECT_EQ(step.attributes.integer("segments"), 8);
      }
    }
  }
  return passes;
}

TEST(TutorialStep, AnOptimizerIsOnePassOverAllWeights) {
  const std::string every =
      "use_ema=true, ema_overwrite_frequency=5, gradient_accumulation_steps=2, weight_decay=0.1";
  for (const std::string& name :
       {std::string("adam"), std::string("sgd"), std::string("adamw"), std::string("adamax"),
        std::string("nadam"), std::string("rmsprop"), std::string("adagrad"),
        std::string("adadelta"), std::string("ftrl"), std::string("lion"),
        std::string("schedule_free_adamw"), "Adam(" + every + ")",
        "SGD(momentum=0.9, " + every + ")",
        std::string("Adam(learning_rate=\"CosineDecay(initial_learning_rate=0.1, "
                    "decay_steps=9)\")")}) {
    const auto passes = passes_over_weights(name);
    EXPECT_EQ(passes.size(), 1u) << name << ": " << testing::PrintToString(passes);
  }
}

TEST(TutorialStep, ScalingTheLossIsOneMorePass) {
  const auto passes = passes_over_weights("LossScaleOptimizer(inner_optimizer=\"adam\")");
  EXPECT_EQ(passes.size(), 2u) << testing::PrintToString(passes);
}

TEST(TutorialStep, AStepOfTheWeightsNormIsTwoPasses) {
  // The first leaves the step for the second, and so is a loop for each weight.
  const auto passes = passes_over_weights("lamb", false);
  EXPECT_EQ(passes.size(), 2u) << testing::PrintToString(passes);
}

TEST(TutorialStep, ClippingByTheGlobalNormIsOneMorePass) {
  const auto passes = passes_over_weights(optimizers::Adam({.global_clipnorm = 1.0}));
  EXPECT_EQ(passes.size(), 2u) << testing::PrintToString(passes);
}

TEST(TutorialStep, LstmIsSixRecurrentSteps) {
  Sequential model({LSTM(16, {.return_sequences = true, .input_shape = {5, 3}}),
                    LSTM(16, {.return_sequences = true}), LSTM(16),
                    Dense(4, {.activation = "softmax"})});
  model.compile({.loss = "categorical_crossentropy", .metrics = {"accuracy"}});
  const runtime::Program program = program_of(model, Tensor({2, 5, 3}), Tensor({2, 4}));
  for (const auto& step : program.steps) EXPECT_EQ(step.packed_bytes, 0) << step.name();
  const auto names = kernels_of(program);
  EXPECT_EQ(count(names, "lstm"), 3);
  EXPECT_EQ(count(names, "lstm_backward"), 3);
  EXPECT_EQ(count(names, "transpose"), 0);
}

TEST(TutorialStep, TransformerMovesNoHeadsAndKeepsNoScores) {
  const KerasTensor tokens = Input({6}, {.dtype = DType::Int64});
  KerasTensor x = Embedding(10, 8)(tokens);
  for (int block = 0; block < 2; ++block) {
    x = LayerNormalization()(Add()({x, MultiHeadAttention(2, 4)({x, x})}));
    const KerasTensor hidden = Dense(16, {.activation = "gelu"})(x);
    x = LayerNormalization()(Add()({x, Dense(8)(hidden)}));
  }
  Model model(tokens, Dense(3, {.activation = "softmax"})(GlobalAveragePooling1D()(x)));
  model.compile({.loss = "sparse_categorical_crossentropy"});
  const auto names =
      kernels_of(program_of(model, Tensor({4, 6}, DType::Int64), Tensor(Shape{4}, DType::Int64)));
  for (const char* moving : {"reorder", "transpose", "reshape", "slice", "concatenate", "softmax"})
    EXPECT_EQ(count(names, moving), 0) << moving;
  EXPECT_EQ(count(names, "attention"), 2);
  EXPECT_EQ(count(names, "attention_backward"), 2);
  EXPECT_EQ(count(names, "layer_norm"), 4);
  EXPECT_EQ(count(names, "layer_norm_backward"), 4);
  // Forward, and the gradients of each product's input and weights.
  EXPECT_EQ(count(names, "matmul"), 3 * (2 * 6 + 1));
  EXPECT_EQ(count(names, "gather"), 1);
  EXPECT_EQ(count(names, "scatter_add"), 1);
}

}  // namespace
}  // namespace sinew
