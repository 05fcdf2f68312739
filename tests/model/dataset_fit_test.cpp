#include <gmock/gmock.h>

#include "model/small_models.h"
#include "sinew/base/error.h"
#include "sinew/data/dataset.h"

namespace sinew {
namespace {

using namespace testing;
using data::Dataset;
using data::Element;
using ::testing::HasSubstr;

constexpr std::int64_t kRows = 23, kBatch = 4;

Tensor waves(const Shape& shape, std::uint64_t seed) {
  Tensor x(shape);
  PhiloxStream random(seed, 0);
  for (float& value : x.data<float>()) value = static_cast<float>(random.uniform() * 2 - 1);
  return x;
}
const Tensor kX = waves({kRows, 3}, 1), kY = waves({kRows, 2}, 2), kWeights = waves({kRows}, 3);

Dataset rows() { return Dataset::from_tensors({kX, kY}); }
Element scaled(Element element, PhiloxStream& random) {
  Tensor x = element[0].clone();
  for (float& value : x.data<float>()) value *= static_cast<float>(0.5 + random.uniform());
  return {x, element[1]};
}
/// Shuffled and with random numbers of its own.
Dataset random_batches() { return rows().shuffle(8).map(scaled).batch(kBatch).prefetch(); }

Sequential untrained(bool built = true) {
  set_random_seed(5);
  Sequential model(
      {layers::Dense(4, {.activation = "tanh"}), layers::Dropout(0.2), layers::Dense(2)});
  if (built) model.build({Shape::kUnknown, 3});
  model.compile({.optimizer = "adam", .loss = "mse", .metrics = {"mae"}});
  return model;
}

TEST(DatasetFit, IsThatOfArrays) {
  Sequential of_arrays = untrained(), of_batches = untrained(false);
  const History expected = of_arrays.fit(kX, kY,
                                         {.epochs = 2,
                                          .batch_size = kBatch,
                                          .verbose = 0,
                                          .validation_data = {kX, kY},
                                          .shuffle = false});
  const History found = of_batches.fit(
      rows().batch(kBatch),
      {.epochs = 2, .verbose = 0, .validation_data = {.batches = rows().batch(kBatch).prefetch()}});
  EXPECT_TRUE(same_bits(of_arrays.get_weights(), of_batches.get_weights()));
  for (const char* name : {"loss", "mae", "val_loss", "val_mae"})
    EXPECT_EQ(found[name], expected[name]) << name;
}

TEST(DatasetFit, BatchesHoldTheirSampleWeights) {
  Sequential of_arrays = untrained(), of_batches = untrained();
  of_arrays.fit(kX, kY,
                {.batch_size = kBatch, .verbose = 0, .shuffle = false, .sample_weight = kWeights});
  of_batches.fit(Dataset::from_tensors({kX, kY, kWeights}).batch(kBatch), {.verbose = 0});
  EXPECT_TRUE(same_bits(of_arrays.get_weights(), of_batches.get_weights()));
}

TEST(DatasetFit, EvaluatesAndPredictsAsArrays) {
  Sequential model = untrained();
  const Logs expected = model.evaluate(kX, kY, {.batch_size = kBatch, .verbose = 0});
  // A set whose size only a pass can tell.
  const Dataset unknown = rows().filter([](const Element&) { return true; }).batch(kBatch);
  for (const Dataset& set : {rows().batch(kBatch), unknown}) {
    const Logs found = model.evaluate(set, {.verbose = 0});
    EXPECT_EQ(found["loss"], expected["loss"]);
    EXPECT_EQ(found["mae"], expected["mae"]);
    EXPECT_TRUE(same_bits(model.predict(set), model.predict(kX, {.batch_size = kBatch})));
    EXPECT_TRUE(
        same_bits(model.predict(Dataset::from_tensors({kX}).batch(kBatch)), model.predict(set)));
  }
}

TEST(DatasetFit, PaddedBatchesOfSeveralLengths) {
  set_random_seed(5);
  Sequential model({layers::Masking(0.0, {.input_shape = {Shape::kUnknown, 2}}), layers::LSTM(3),
                    layers::Dense(1)});
  model.compile({.optimizer = "adam", .loss = "mse"});
  const Dataset series = Dataset::range(1, 10).map([](Element e) {
    const std::int64_t length = e[0].data<std::int64_t>()[0];
    return Element{Tensor::full({length, 2}, 0.5), Tensor::full({1}, static_cast<double>(length))};
  });
  const Dataset batches = series.bucket_by_length({.boundaries = {4, 7}, .batch_sizes = {3, 2, 2}});
  const History history = model.fit(batches, {.epochs = 20, .verbose = 0});
  EXPECT_LT(history["loss"].back(), history["loss"].front());
}

struct Killed {};

/// Trains for 3 epochs; ends after `stop_after` steps.
std::vector<Tensor> train(const Dataset& set, std::int64_t steps_per_epoch,
                          const std::string& checkpoint, const std::string& resume,
                          int stop_after) {
  Sequential model = untrained(false);
  int steps = 0;
  const callbacks::LambdaCallback kill({.on_train_batch_begin = [&](int) {
    if (steps++ == stop_after) throw Killed{};
  }});
  FitArguments arguments{.epochs = 3, .verbose = 0, .callbacks = {kill}};
  arguments.resume = resume;
  arguments.checkpoint = checkpoint;
  arguments.checkpoint_every = checkpoint.empty() ? 0 : 1;
  arguments.steps_per_epoch = steps_per_epoch;
  try {
    model.fit(set, arguments);
  } catch (const Killed&) {
  }
  return model.get_weights();
}

TEST(DatasetFit, AResumedTrainingEqualsTheUninterruptedOneBitForBit) {
  const Dataset unknown =
      rows().shuffle(30).filter([](const Element& e) { return e[0].at(0) > -0.8; }).batch(kBatch);
  const std::vector<std::pair<Dataset, std::int64_t>> cases = {
      {random_batches(), 0}, {unknown, 0}, {random_batches().repeat(), 4}, {random_batches(), 4}};
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto& [set, steps_per_epoch] = cases[i];
    const std::vector<Tensor> expected = train(set, steps_per_epoch, "", "", -1);
    for (int steps : {1, 3, 4, 7}) {
      const TemporaryFile file("dataset_checkpoint.safetensors");
      train(set, steps_per_epoch, file.path(), "", steps);
      EXPECT_TRUE(same_bits(expected, train(set, steps_per_epoch, "", file.path(), -1)))
          << "set " << i << ", " << steps << " steps";
    }
  }
}

TEST(DatasetFit, StepsPerEpochGoOnInTheDataSet) {
  std::vector<std::int64_t> seen;
  const Dataset set = Dataset::range(0, 6).map(
      [&](Element e) {
        seen.push_back(e[0].data<std::int64_t>()[0]);
        return Element{Tensor::full({1, 3}, 1.0), Tensor::full({1, 2}, 1.0)};
      },
      {.threads = 1});
  FitArguments arguments{.epochs = 2, .verbose = 0};
  arguments.steps_per_epoch = 4;
  const History history = untrained().fit(set, arguments);
  EXPECT_EQ(seen, (std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 0, 1}));
  EXPECT_EQ(history["loss"].size(), 2U);
}

TEST(DatasetFit, Mistakes) {
  Sequential model = untrained();
  const auto message = [&](const Dataset& set, FitArguments arguments = {}) {
    arguments.verbose = 0;
    try {
      model.fit(set, arguments);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("nothing was thrown");
  };
  EXPECT_THAT(message(rows().batch(4).repeat()), HasSubstr("the data set never ends"));
  EXPECT_THAT(message(rows().take(0).batch(4)), HasSubstr("the data set is empty"));
  EXPECT_THAT(message(Dataset::from_tensors({kX}).batch(4)),
              HasSubstr("element 0: has 1 tensors; the model takes 1 inputs, 1 targets and as many "
                        "sample weights or none"));
  EXPECT_THAT(message(rows().batch(4), {.validation_split = 0.5}),
              HasSubstr("validation_split is for arrays"));
  const Tensor damaged = kX.clone();
  Tensor(damaged).data<float>()[3 * 9] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(message(Dataset::from_tensors({damaged, kY}).batch(4)), HasSubstr("element 2: "));
  const auto missing = [](Element e) -> Element {
    if (e[0].at(0) == kX.at(3 * 7)) throw FileError("'7.png' is no picture");
    return e;
  };
  EXPECT_THAT(message(rows().map(missing).batch(4)), HasSubstr("element 7: '7.png' is no picture"));
  EXPECT_THAT(message(rows().batch(4), {.validation_data = {.batches = rows().take(0).batch(4)}}),
              HasSubstr("validation_data: the data set is empty"));
  const TemporaryFile file("dataset_checkpoint.safetensors");
  FitArguments arguments{.epochs = 1};
  arguments.checkpoint = file.path();
  EXPECT_EQ(message(rows().batch(4), arguments), "nothing was thrown");
  FitArguments resumed{.epochs = 2};
  resumed.resume = file.path();
  EXPECT_THAT(message(rows().batch(5), resumed),
              HasSubstr("was written by a training with a number of batches of 6, but this one has "
                        "5"));
}

}  // namespace
}  // namespace sinew
