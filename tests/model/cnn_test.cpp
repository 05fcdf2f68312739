#include <gtest/gtest.h>

#include "model/small_models.h"
#include "sinew/base/parallel.h"

namespace sinew {
namespace {

using namespace testing;

/// 12 x 12 pictures as bytes: class 0 has a bright row, class 1 a bright column, somewhere.
Classes bars(std::int64_t rows) {
  PhiloxStream random(3, 0);
  Classes data{Tensor({rows, 12, 12, 1}, DType::UInt8), Tensor({rows}, DType::UInt8)};
  const auto pixels = data.x.data<std::uint8_t>();
  for (std::int64_t row = 0; row < rows; ++row) {
    const std::uint64_t kind = random.below(2), place = random.below(12);
    data.y.data<std::uint8_t>()[static_cast<std::size_t>(row)] = static_cast<std::uint8_t>(kind);
    for (std::uint64_t i = 0; i < 144; ++i) {
      const bool bright = (kind == 0 ? i / 12 : i % 12) == place;
      pixels[static_cast<std::size_t>(row) * 144 + i] =
          static_cast<std::uint8_t>(random.below(2) + (bright ? 3 : 0));
    }
  }
  return data;
}

/// The tutorial's network (section 1.4.1) in small, with batch normalization and dropout.
Sequential cnn() {
  set_random_seed(8);
  Sequential model;
  model.add(layers::Conv2D(8, {3, 3}, {.activation = "relu", .input_shape = {12, 12, 1}}));
  model.add(layers::MaxPooling2D({2, 2}));
  model.add(layers::Conv2D(8, {3, 3}, {.activation = "relu"}));
  model.add(layers::BatchNormalization());
  model.add(layers::Flatten());
  model.add(layers::Dropout(0.2));
  model.add(layers::Dense(2, {.activation = "softmax"}));
  model.compile(
      {.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  return model;
}

TEST(Cnn, LearnsFromBytesAndCountsItsWeights) {
  const Classes data = bars(300);
  Sequential model = cnn();
  model.fit(data.x, data.y, {.epochs = 30, .verbose = 0, .validation_split = 0.2});
  EXPECT_GT(model.evaluate(data.x, data.y, {.verbose = 0})["accuracy"], 0.95);
  // Moving mean and variance of 8 channels are weights that training does not descend on.
  EXPECT_EQ(model.non_trainable_weights().size(), 2u);
  EXPECT_EQ(model.count_params(), (9 * 8 + 8) + (72 * 8 + 8) + 4 * 8 + (72 * 2 + 2));
}

std::vector<Tensor> trained(int threads) {
  const int before = num_threads();
  set_num_threads(threads);
  const Classes data = bars(100);
  Sequential model = cnn();
  model.fit(data.x, data.y, {.epochs = 2, .verbose = 0, .seed = 5});
  set_num_threads(before);
  return model.get_weights();
}

TEST(Cnn, GivesTheSameBitsWithOneAndTwoThreads) { EXPECT_TRUE(same_bits(trained(1), trained(2))); }

TEST(Cnn, SaveLoadPredictGivesTheSameBits) {
  const TemporaryFile file("cnn.safetensors");
  const Classes data = bars(50);
  Sequential model = cnn();
  model.fit(data.x, data.y, {.verbose = 0});
  model.save(file.path());
  Model loaded = load_model(file.path());
  EXPECT_TRUE(same_bits(model.predict(data.x), loaded.predict(data.x)));
  EXPECT_EQ(model.evaluate(data.x, data.y, {.verbose = 0})["loss"],
            loaded.evaluate(data.x, data.y, {.verbose = 0})["loss"]);
}

TEST(Cnn, InspectPrintsEveryPassAndThePlan) {
  const std::string text = cnn().inspect(16);
  for (const char* part : {"== declared ==", "== fuse ==", "== plan_memory ==", "conv2d", "adam"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part;
  }
}

}  // namespace
}  // namespace sinew
