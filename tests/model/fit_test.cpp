#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/small_models.h"
#include "sinew/base/error.h"
#include "sinew/base/parallel.h"
#include "sinew/ops/ops.h"

namespace sinew {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Fit, LearnsExclusiveOr) {
  set_random_seed(3);
  Sequential model({layers::Dense(8, {.activation = "tanh", .input_shape = {2}}),
                    layers::Dense(1, {.activation = "sigmoid"})});
  model.compile({.optimizer = optimizers::Adam({.learning_rate = 0.05}),
                 .loss = "binary_crossentropy",
                 .metrics = {"accuracy"}});
  const Tensor x = Tensor::from<float>({0, 0, 0, 1, 1, 0, 1, 1}, {4, 2});
  const Tensor y = Tensor::from<float>({0, 1, 1, 0}, {4, 1});
  const History history = model.fit(x, y, {.epochs = 300, .batch_size = 4, .verbose = 0});
  EXPECT_LT(history["loss"].back(), 0.05);
  EXPECT_EQ(history["accuracy"].back(), 1.0);
  EXPECT_EQ(history.epoch.size(), 300u);
  EXPECT_EQ(model.evaluate(x, y, {.verbose = 0})["accuracy"], 1.0);
}

std::vector<Tensor> trained_weights(int threads) {
  const int before = num_threads();
  set_num_threads(threads);
  const Classes data = three_classes(103);
  Sequential model = classifier();
  model.fit(data.x, data.y, {.epochs = 3, .batch_size = 16, .verbose = 0, .seed = 9});
  set_num_threads(before);
  return model.get_weights();
}

TEST(Fit, TheSameSeedGivesTheSameBitsWhateverTheThreads) {
  const std::vector<Tensor> once = trained_weights(1);
  EXPECT_TRUE(same_bits(once, trained_weights(1)));
  EXPECT_TRUE(same_bits(once, trained_weights(2)));
}

TEST(Fit, AnotherSeedGivesAnotherOrderAndOtherDropout) {
  const Classes data = three_classes(64);
  Sequential first = classifier();
  Sequential second = classifier();
  ASSERT_TRUE(same_bits(first.get_weights(), second.get_weights()));
  first.fit(data.x, data.y, {.batch_size = 16, .verbose = 0, .seed = 1});
  second.fit(data.x, data.y, {.batch_size = 16, .verbose = 0, .seed = 2});
  EXPECT_FALSE(same_bits(first.get_weights(), second.get_weights()));
}

TEST(Fit, TheLossOfAnEpochIsTheMeanOverItsRows) {
  // Batches of 4 and 2: with a learning rate of 0 each row counts once.
  Sequential model = linear({2.0f}, 1.0f, 0.0);
  const Tensor x = Tensor::from<float>({0, 1, 2, 3, 4, 5}, {6, 1});
  const Tensor y({6, 1});
  double expected = 0;
  for (int i = 0; i < 6; ++i) expected += (2.0 * i + 1) * (2.0 * i + 1) / 6;
  const History history = model.fit(x, y, {.batch_size = 4, .verbose = 0, .shuffle = false});
  EXPECT_NEAR(history["loss"][0], expected, 1e-4);
  EXPECT_NEAR(model.evaluate(x, y, {.batch_size = 5, .verbose = 0})["loss"], expected, 1e-4);
}

TEST(Fit, ValidationSplitTakesTheLastRows) {
  Sequential model = linear({1.0f}, 0.0f, 0.0);
  // 10 rows, 0.25: floor(10 * 0.75) = 7 rows train, the last 3 validate, and they alone have an
  // error.
  Tensor x({10, 1}), y({10, 1});
  for (int i = 0; i < 10; ++i) y.data<float>()[static_cast<std::size_t>(i)] = i >= 7 ? 2.0f : 0.0f;
  const History history =
      model.fit(x, y, {.batch_size = 4, .verbose = 0, .validation_split = 0.25});
  EXPECT_EQ(history["loss"][0], 0.0);
  EXPECT_FLOAT_EQ(history["val_loss"][0], 4.0);
}

TEST(Fit, ValidationDataIsEvaluatedEverySoManyEpochs) {
  const Classes data = three_classes(32);
  Sequential model = classifier();
  const History history = model.fit(
      data.x, data.y,
      {.epochs = 4, .verbose = 0, .validation_data = {data.x, data.y}, .validation_freq = 2});
  EXPECT_EQ(history["loss"].size(), 4u);
  EXPECT_EQ(history["val_loss"].size(), 2u);
  EXPECT_TRUE(history.has("val_accuracy"));
  EXPECT_EQ(history["val_loss"].back(), model.evaluate(data.x, data.y, {.verbose = 0})["loss"]);
}

TEST(Fit, SampleWeightsAreAveragedOverRowsNotOverWeights) {
  Sequential model = linear({1.0f}, 0.0f);
  const Tensor x = Tensor::from<float>({1, 2}, {2, 1});
  const Tensor y({2, 1});
  const Tensor weight = Tensor::from<float>({3, 0.5}, {2});
  // Losses 1 and 4: (3 * 1 + 0.5 * 4) / 2.
  EXPECT_NEAR(model.test_on_batch(x, y, weight)["loss"], 2.5, 1e-6);
  // d/dw of it: (3 * 2 * 1 * 1 + 0.5 * 2 * 2 * 2) / 2 = 5; d/db: (3 * 2 * 1 + 0.5 * 2 * 2) / 2 = 4;
  // learning rate 0.1.
  model.train_on_batch(x, y, weight);
  EXPECT_NEAR(model.get_weights()[0].at(0), 1.0 - 0.5, 1e-6);
  EXPECT_NEAR(model.get_weights()[1].at(0), 0.0 - 0.4, 1e-6);
}

TEST(Fit, ClassWeightsWeighRowsByTheirLabel) {
  const Classes data = three_classes(24);
  Sequential by_class = classifier("sgd", 0.0);
  Sequential by_row = classifier("sgd", 0.0);
  Tensor weights({24});
  for (std::int64_t row = 0; row < 24; ++row) {
    const double label = data.y.at(row);
    weights.data<float>()[static_cast<std::size_t>(row)] = label == 0   ? 2.0f
                                                           : label == 2 ? 0.25f
                                                                        : 1.0f;
  }
  by_class.fit(data.x, data.y, {.epochs = 2, .verbose = 0, .class_weight = {{0, 2.0}, {2, 0.25}}});
  by_row.fit(data.x, data.y, {.epochs = 2, .verbose = 0, .sample_weight = weights});
  EXPECT_TRUE(same_bits(by_class.get_weights(), by_row.get_weights()));
}

TEST(Fit, WeightedMetricsHeedWeightsAndPlainOnesDoNot) {
  set_random_seed(1);
  Sequential model({layers::Dense(1, {.input_shape = {1}})});
  model.set_weights({Tensor::from<float>({1}, {1, 1}), Tensor::from<float>({0}, {1})});
  model.compile({.optimizer = "sgd",
                 .loss = "mse",
                 .metrics = {metrics::MeanAbsoluteError("plain")},
                 .weighted_metrics = {metrics::MeanAbsoluteError("weighted")}});
  const Tensor x = Tensor::from<float>({1, 3}, {2, 1});
  const Logs logs = model.test_on_batch(x, Tensor({2, 1}), Tensor::from<float>({3, 1}, {2}));
  EXPECT_NEAR(logs["plain"], 2.0, 1e-6);
  EXPECT_NEAR(logs["weighted"], (3 * 1 + 1 * 3) / 4.0, 1e-6);
}

TEST(Fit, ResultsAreNamedAsKerasNamesThem) {
  Sequential model = linear({1.0f}, 0.0f);
  model.compile({.loss = "mse",
                 .metrics = {"mae", metrics::MeanSquaredError(), "mae"},
                 .weighted_metrics = {"mae"}});
  std::vector<std::string> names;
  for (const auto& [name, value] : model.test_on_batch(Tensor({1, 1}), Tensor({1, 1}))) {
    names.push_back(name);
  }
  EXPECT_THAT(names, ElementsAre("loss", "mae", "mean_squared_error", "mae_1", "weighted_mae"));
}

TEST(Fit, ResultsOfSeveralNumbersAreNumbered) {
  const Classes data = three_classes(64);
  Tensor one_hot({64, 3});
  for (std::size_t row = 0; row < 64; ++row)
    one_hot.data<float>()[row * 3 + static_cast<std::size_t>(data.y.data<std::int64_t>()[row])] = 1;
  Sequential model = classifier();
  const std::shared_ptr<Metric> recall = metrics::Recall({.thresholds = {0.1, 0.5}});
  model.compile({.loss = "categorical_crossentropy", .metrics = {"F1Score", MetricPtr(recall)}});
  const Logs logs = model.evaluate(data.x, one_hot, {.verbose = 0});
  std::vector<std::string> names;
  for (const auto& [name, value] : logs) names.push_back(name);
  EXPECT_THAT(names, ElementsAre("loss", "F1Score[0]", "F1Score[1]", "F1Score[2]", "recall[0]",
                                 "recall[1]"));
  EXPECT_EQ(logs["recall[1]"], recall->results().at(1));
  EXPECT_GT(logs["recall[0]"], logs["recall[1]"]);
}

TEST(Fit, LabelsThatDoNotCountAreAllowed) {
  const Classes data = three_classes(32);
  Tensor some = data.y.clone();
  for (std::size_t row = 0; row < 16; ++row) some.data<std::int64_t>()[row] = -1;
  Sequential model = classifier("sgd", 0.0);
  model.compile(
      {.optimizer = "sgd", .loss = losses::SparseCategoricalCrossentropy({.ignore_class = -1})});
  const double loss = model.test_on_batch(data.x, some)["loss"];
  model.reset_metrics();
  const double of_half = model.test_on_batch(data.x.rows(16, 32), data.y.rows(16, 32))["loss"];
  EXPECT_NEAR(loss, of_half, 1e-5);
  EXPECT_THAT(message_of<ValueError>([&] { model.test_on_batch(data.x, Tensor::full({32}, 3.0)); }),
              HasSubstr("label 3"));
}

TEST(Fit, ALossMustBeOneNumber) {
  Sequential model = linear({1.0f}, 0.0f);
  model.compile({.loss = losses::MeanSquaredError({.reduction = "none"})});
  EXPECT_THAT(message_of<ValueError>([&] {
                model.fit(Tensor({4, 1}), Tensor({4, 1}));
              }),
              HasSubstr("training needs one number"));
}

TEST(Fit, CtcLearnsToReadASequence) {
  set_random_seed(3);
  // Four steps that each show one of three classes; the labels are the shown classes but for 0.
  Tensor x({8, 4, 3}), y({8, 4}, DType::Int64);
  for (std::int64_t row = 0; row < 8; ++row) {
    std::int64_t length = 0;
    for (std::int64_t step = 0; step < 4; ++step) {
      const std::int64_t shown = step % 2 == 0 ? (row >> step / 2) % 2 + 1 : 0;
      x.data<float>()[static_cast<std::size_t>((row * 4 + step) * 3 + shown)] = 1;
      if (shown > 0) y.data<std::int64_t>()[static_cast<std::size_t>(row * 4 + length++)] = shown;
    }
  }
  Sequential model({layers::Dense(3, {.input_shape = {4, 3}})});
  model.compile({.optimizer = optimizers::Adam({.learning_rate = 0.1}), .loss = "ctc"});
  const History history = model.fit(x, y, {.epochs = 60, .batch_size = 8, .verbose = 0});
  EXPECT_GT(history["loss"].front(), 1.0);
  EXPECT_LT(history["loss"].back(), 0.1);
}

TEST(Fit, BytesAreCastWhereTheInputIsFloating) {
  Sequential model = linear({0.5f}, 0.0f);
  const Tensor bytes = Tensor::from<std::uint8_t>({2, 200}, {2, 1});
  EXPECT_FLOAT_EQ(model.predict(bytes).at(1), 100.0f);
  const Tensor doubles = Tensor::from<double>({2, 200}, {2, 1});
  EXPECT_FLOAT_EQ(model.predict(doubles).at(0), 1.0f);
}

TEST(Fit, RunningResultsOfSingleBatchesGoOnUntilReset) {
  Sequential model = linear({1.0f}, 0.0f, 0.0);
  const Tensor one = Tensor::from<float>({1}, {1, 1}), three = Tensor::from<float>({3}, {1, 1});
  const Tensor zero({1, 1});
  EXPECT_FLOAT_EQ(model.train_on_batch(one, zero)["loss"], 1.0);
  EXPECT_FLOAT_EQ(model.train_on_batch(three, zero)["loss"], 5.0);
  model.reset_metrics();
  EXPECT_FLOAT_EQ(model.train_on_batch(three, zero)["loss"], 9.0);
  EXPECT_EQ(model.iterations(), 3);
}

TEST(Fit, RegularizationIsPartOfTheLossOnceALayer) {
  const KerasTensor input = Input({1});
  const LayerPtr shared =
      layers::Dense(1, {.use_bias = false, .kernel_regularizer = regularizers::L2(0.5)});
  Model model(input, shared(shared(input)));
  model.set_weights({Tensor::from<float>({3}, {1, 1})});
  model.compile({.optimizer = optimizers::SGD({.learning_rate = 0.01}), .loss = "mse"});
  const Tensor x({1, 1});
  EXPECT_NEAR(model.train_on_batch(x, x)["loss"], 0.5 * 9, 1e-5);
  EXPECT_NEAR(model.get_weights()[0].at(0), 3 - 0.01 * 0.5 * 2 * 3, 1e-5);
}

TEST(Fit, SampleWeightsMayBeGivenForEachStep) {
  Sequential model;
  model.add(layers::Dense(1, {.input_shape = {2, 1}}));
  model.set_weights({Tensor::from<float>({2}, {1, 1}), Tensor({1})});
  model.compile({.optimizer = optimizers::SGD({.learning_rate = 0.1}), .loss = "mse"});
  const Tensor x = Tensor::from<float>({1, 2, 3, 4}, {2, 2, 1});
  const Tensor weights = Tensor::from<float>({1, 0, 0.5, 0}, {2, 2});
  // Errors are 2 x: (1 * 4 + 0.5 * 36) / 4.
  EXPECT_NEAR(
      model.evaluate(x, Tensor({2, 2, 1}), {.verbose = 0, .sample_weight = weights})["loss"], 5.5,
      1e-5);
  model.fit(x, Tensor({2, 2, 1}), {.verbose = 0, .sample_weight = weights});
  // The gradient is (1 * 2 * 2 * 1 + 0.5 * 2 * 6 * 3) / 4.
  EXPECT_NEAR(model.get_weights()[0].at(0), 2 - 0.1 * 5.5, 1e-5);
}

TEST(Predict, NeedsARowForEachSample) {
  Sequential model;
  model.add(layers::Lambda([](Value x) { return ops::sum(x, {0}, true); }, {.input_shape = {3}}));
  EXPECT_THAT(message_of<ShapeError>([&] {
                model.predict(Tensor({8, 3}), {.batch_size = 4});
              }),
              ::testing::HasSubstr("output 0 has shape (1, 3) for a batch of 4 samples"));
}

TEST(Fit, InitialEpochCountsFromWhereItIsTold) {
  const Classes data = three_classes(16);
  Sequential model = classifier();
  const History history =
      model.fit(data.x, data.y, {.epochs = 5, .verbose = 0, .initial_epoch = 3});
  EXPECT_THAT(history.epoch, ElementsAre(3, 4));
}

TEST(Fit, ALossMayBeAnyFunction) {
  Sequential model = linear({1.0f}, 0.0f);
  model.compile({.optimizer = optimizers::SGD({.learning_rate = 0.1}),
                 .loss = [](Value truth, Value prediction) {
                   return ops::mean(ops::square(ops::square(prediction - truth)), {-1});
                 }});
  const Tensor x = Tensor::from<float>({2}, {1, 1});
  EXPECT_NEAR(model.train_on_batch(x, Tensor({1, 1}))["loss"], 16, 1e-5);
}

TEST(TrainOnBatch, DropsOutBySetRandomSeed) {
  const Classes data = three_classes(32);
  const auto loss = [&](std::uint64_t seed) {
    Sequential model = classifier();
    const std::vector<Tensor> weights = model.get_weights();
    set_random_seed(seed);
    model.compile({.loss = "sparse_categorical_crossentropy"});
    model.set_weights(weights);
    return model.train_on_batch(data.x, data.y)["loss"];
  };
  EXPECT_EQ(loss(1), loss(1));
  EXPECT_NE(loss(1), loss(2));
}

}  // namespace
}  // namespace sinew
