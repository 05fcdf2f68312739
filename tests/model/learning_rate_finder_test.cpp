#include "sinew/model/learning_rate_finder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/small_models.h"
#include "model/state.h"
#include "sinew/base/error.h"
#include "sinew/io/file.h"

namespace sinew {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(FindLearningRate, RatesGrowByEqualFactors) {
  const Classes data = three_classes(64);
  Sequential model = classifier("sgd", 0);
  const LearningRateRange range =
      find_learning_rate(model, data.x, data.y, {.start = 1e-4, .end = 1, .steps = 5});
  ASSERT_EQ(range.rates.size(), 5u);
  for (int i = 0; i < 5; ++i)
    EXPECT_NEAR(range.rates[static_cast<std::size_t>(i)], std::pow(10.0, i - 4), 1e-12);
  EXPECT_EQ(range.losses.size(), 5u);
  EXPECT_EQ(range.smoothed.size(), 5u);
}

/// The loss of each step's batch alone, at weights that the steps before have moved: as
/// train_on_batch() gives them at the same rates.
TEST(FindLearningRate, LossesAreThoseOfTheBatches) {
  const Classes data = three_classes(32);
  Sequential model = classifier("sgd", 0);
  const LearningRateRange range =
      find_learning_rate(model, data.x, data.y, {.start = 1e-3, .end = 1, .steps = 4, .seed = 2});
  for (std::size_t i = 0; i < 4; ++i) {
    model.set_learning_rate(range.rates[i]);
    model.reset_metrics();
    EXPECT_NEAR(model.train_on_batch(data.x, data.y)["loss"], range.losses[i], 1e-5) << i;
  }
}

TEST(FindLearningRate, LeavesEverythingAsItWas) {
  const Classes data = three_classes(64);
  const auto everything = [](const Sequential& model) {
    std::vector<Tensor> values = model.get_weights();
    for (const VariablePtr& variable : model.state()->compiled_training().optimizer_variables())
      values.push_back(variable->value());
    values.push_back(model.state()->step->value());
    return values;
  };
  Sequential model = classifier(), twin = classifier();
  for (Sequential* one : {&model, &twin})
    one->fit(data.x, data.y, {.epochs = 1, .verbose = 0, .seed = 1});
  const std::vector<Tensor> before = everything(model);
  find_learning_rate(model, data.x, data.y, {.steps = 20});
  EXPECT_TRUE(same_bits(before, everything(model)));
  EXPECT_FALSE(model.stop_training());
  // And it goes on training as if nothing had been.
  for (Sequential* one : {&model, &twin})
    one->fit(data.x, data.y, {.epochs = 1, .verbose = 0, .seed = 2});
  EXPECT_TRUE(same_bits(everything(twin), everything(model)));
}

TEST(FindLearningRate, StopsWhereTheLossDiverges) {
  const Classes data = three_classes(64);
  Sequential model = linear({0, 0, 0, 0}, 0);
  const LearningRateRange range = find_learning_rate(
      model, data.x, data.y.cast(DType::Float32).reshape({64, 1}), {.start = 1e-5, .end = 1e4});
  EXPECT_TRUE(range.diverged);
  EXPECT_LT(range.rates.size(), 100u);
  ASSERT_TRUE(range.suggestion.has_value());
  // Gradient descent on a mean square diverges beyond 2 / its largest curvature, 2 here at most.
  EXPECT_GT(*range.suggestion, 1e-3);
  EXPECT_LT(*range.suggestion, 2);
}

TEST(FindLearningRate, TheSuggestionTrains) {
  const Classes data = three_classes(256);
  Sequential model = classifier("adam", 0);
  const LearningRateRange range = find_learning_rate(model, data.x, data.y);
  ASSERT_TRUE(range.suggestion.has_value());
  model.set_learning_rate(*range.suggestion);
  const History history = model.fit(data.x, data.y, {.epochs = 20, .verbose = 0, .seed = 1});
  EXPECT_GT(history["accuracy"].back(), 0.9) << *range.suggestion;
}

TEST(FindLearningRate, RefusesWhatCannotBe) {
  const Classes data = three_classes(16);
  Sequential model = classifier();
  const auto message = [&](const FindLearningRateArguments& arguments) {
    return message_of<ValueError>([&] { find_learning_rate(model, data.x, data.y, arguments); });
  };
  EXPECT_THAT(message({.start = 1, .end = 0.1}), HasSubstr("the smaller first"));
  EXPECT_THAT(message({.start = 0}), HasSubstr("above 0"));
  EXPECT_THAT(message({.steps = 2}), HasSubstr("at least 3"));
  EXPECT_THAT(message({.smoothing = 1}), HasSubstr("in [0, 1)"));
  EXPECT_THAT(message({.divergence = 1}), HasSubstr("above 1"));
  model.compile({.optimizer = optimizers::Adam(
                     {.learning_rate = optimizers::schedules::ExponentialDecay(0.1, 10, 0.9)}),
                 .loss = "sparse_categorical_crossentropy"});
  EXPECT_THAT(message({}), HasSubstr("ExponentialDecay, which cannot be set"));
}

TEST(FindLearningRate, IsDrawnAsItsFileIsCalled) {
  const LearningRateRange range{
      .rates = {1e-3, 1e-2, 1e-1}, .losses = {3, 2, 9}, .smoothed = {3, 2, 9}, .suggestion = 1e-2};
  for (const std::string name : {"rates.svg", "rates.png"}) {
    const TemporaryFile file(name);
    plot_learning_rates(file.path(), range);
    const auto bytes = io::read_file(file.path());
    const std::string text(bytes.begin(), bytes.end());
    EXPECT_THAT(text, StartsWith(name.ends_with("svg") ? "<?xml" : "\x89PNG"));
  }
}

}  // namespace
}  // namespace sinew
