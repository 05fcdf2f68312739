// The tutorial's networks on real data, in short: the nightly checks train them in full.

#include <gtest/gtest.h>

#include <optional>

#include "model/small_models.h"
#include "sinew/base/error.h"
#include "sinew/data/idx.h"

namespace sinew {
namespace {

using namespace testing;

/// The first images, or nothing where Debian's package dataset-fashion-mnist is not installed.
std::optional<data::ImageDataset> fashion(std::int64_t rows) {
  try {
    data::ImageDataset set = data::fashion_mnist(data::Pixels::UnitRange);
    set.x_train = set.x_train.rows(0, rows).clone();
    set.y_train = set.y_train.rows(0, rows).clone();
    set.x_test = set.x_test.rows(0, 2000).clone();
    set.y_test = set.y_test.rows(0, 2000).clone();
    return set;
  } catch (const FileError&) {
    return {};
  }
}

TEST(FashionMnist, TheTutorialsCnnLearns) {
  const auto set = fashion(8000);
  if (!set) GTEST_SKIP() << "the package dataset-fashion-mnist is not installed";
  set_random_seed(1);
  Sequential model(
      {layers::Conv2D(32, {3, 3}, {.activation = "relu", .input_shape = {28, 28, 1}}),
       layers::MaxPooling2D({2, 2}), layers::Conv2D(64, {3, 3}, {.activation = "relu"}),
       layers::MaxPooling2D({2, 2}), layers::Flatten(), layers::Dense(128, {.activation = "relu"}),
       layers::Dense(10, {.activation = "softmax"})});
  model.compile(
      {.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  model.fit(set->x_train.reshape({-1, 28, 28, 1}), set->y_train, {.epochs = 2, .verbose = 0});
  const Logs result =
      model.evaluate(set->x_test.reshape({-1, 28, 28, 1}), set->y_test, {.verbose = 0});
  // So short a training scatters by some hundredths with the order of a sum; what does not learn
  // gets 0.1.
  EXPECT_GE(result["accuracy"], 0.75);
}

TEST(FashionMnist, AnLstmReadsImagesRowByRow) {
  const auto set = fashion(4000);
  if (!set) GTEST_SKIP() << "the package dataset-fashion-mnist is not installed";
  set_random_seed(1);
  Sequential model(
      {layers::LSTM(64, {.input_shape = {28, 28}}), layers::Dense(10, {.activation = "softmax"})});
  model.compile(
      {.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  model.fit(set->x_train, set->y_train, {.epochs = 3, .verbose = 0});
  EXPECT_GE(model.evaluate(set->x_test, set->y_test, {.verbose = 0})["accuracy"], 0.70);
}

}  // namespace
}  // namespace sinew
