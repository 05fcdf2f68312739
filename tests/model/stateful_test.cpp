#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/small_models.h"
#include "sinew/base/error.h"
#include "sinew/nn/registry.h"

namespace sinew {
namespace {

using namespace testing;
using ::testing::HasSubstr;

constexpr std::int64_t kBatch = 3;

Sequential model_of(const LayerPtr& recurrent, std::int64_t steps) {
  Sequential model;
  model.add(Input({steps, 2}, {.batch_size = kBatch}));
  model.add(recurrent);
  model.add(layers::Dense(1));
  model.compile({.optimizer = "adam", .loss = "mse"});
  return model;
}

Sequential stateful() {
  set_random_seed(5);
  return model_of(layers::LSTM(4, {.return_sequences = true, .stateful = true}), 2);
}

Tensor waves(const Shape& shape) {
  Tensor x(shape);
  PhiloxStream random(3, 0);
  for (float& value : x.data<float>()) value = static_cast<float>(random.uniform() * 2 - 1);
  return x;
}

TEST(StatefulModel, BatchesGoOnWithTheSequences) {
  const Tensor pieces = waves({2 * kBatch, 2, 2});
  Tensor whole({kBatch, 4, 2});
  for (std::int64_t row = 0; row < kBatch; ++row) {
    for (std::int64_t i = 0; i < 8; ++i) {
      const std::int64_t piece = i / 4 * kBatch + row;
      whole.data<float>()[static_cast<std::size_t>(row * 8 + i)] =
          static_cast<float>(pieces.at(piece * 4 + i % 4));
    }
  }
  Sequential model = stateful();
  Sequential plain = model_of(layers::LSTM(4, {.return_sequences = true}), 4);
  plain.set_weights(model.get_weights());
  const Tensor wanted = plain.predict(whole, {.batch_size = kBatch});
  const PredictArguments batches{.batch_size = kBatch};
  for (int round = 0; round < 2; ++round) {
    const Tensor found = model.predict(pieces, batches);
    for (std::int64_t row = 0; row < kBatch; ++row) {
      for (std::int64_t t = 0; t < 4; ++t)
        EXPECT_NEAR(found.at((t / 2 * kBatch + row) * 2 + t % 2), wanted.at(row * 4 + t), 1e-6);
    }
    EXPECT_FALSE(same_bits(found, model.predict(pieces, batches)));
    model.reset_states();
  }
}

/// Trains for 3 epochs of 4 batches; ends early after `stop_after` steps.
std::vector<Tensor> train(const std::string& checkpoint, const std::string& resume,
                          int stop_after) {
  const Tensor x = waves({4 * kBatch, 2, 2}), y = waves({4 * kBatch, 2, 1});
  Sequential model = stateful();
  struct Killed {};
  int steps = 0;
  const callbacks::LambdaCallback kill({.on_train_batch_begin = [&](int) {
    if (steps++ == stop_after) throw Killed{};
  }});
  try {
    model.fit(x, y,
              {.epochs = 3,
               .batch_size = kBatch,
               .verbose = 0,
               .callbacks = {kill},
               .shuffle = false,
               .resume = resume,
               .checkpoint = checkpoint,
               .checkpoint_every = checkpoint.empty() ? 0 : 1});
  } catch (const Killed&) {
  }
  std::vector<Tensor> result = model.get_weights();
  for (const VariablePtr& state : model.layers()[0]->states()) result.push_back(state->value());
  return result;
}

TEST(StatefulModel, AResumedTrainingEqualsTheUninterruptedOneBitForBit) {
  const std::vector<Tensor> expected = train("", "", -1);
  for (int steps : {1, 4, 6}) {
    const TemporaryFile file("stateful_checkpoint.safetensors");
    train(file.path(), "", steps);
    EXPECT_TRUE(same_bits(expected, train("", file.path(), -1))) << steps;
  }
}

/// As in Keras, where states are no weights.
TEST(StatefulModel, IsSavedWithItsBatchSizeAndWithoutItsStates) {
  Sequential model = stateful();
  const Tensor x = waves({kBatch, 2, 2});
  const Tensor wanted = model.predict_on_batch(x);
  EXPECT_EQ(model.weights().size(), 5U);
  for (const char* name : {"stateful.safetensors", "stateful.keras"}) {
    const TemporaryFile file(name);
    model.save(file.path());
    Model loaded = load_model(file.path());
    EXPECT_EQ(loaded.inputs()[0].shape(), (Shape{kBatch, 2, 2})) << name;
    EXPECT_EQ(loaded.to_json(), model.to_json()) << name;
    EXPECT_TRUE(same_bits(loaded.predict_on_batch(x), wanted)) << name;
    EXPECT_FALSE(same_bits(loaded.predict_on_batch(x), wanted)) << name;
  }
  EXPECT_THAT(model.to_json(), HasSubstr("\"stateful\": true"));
}

TEST(StatefulModel, RefusesAnotherBatch) {
  Sequential model = stateful();
  EXPECT_THAT(message_of<ShapeError>([&] {
                model.predict(waves({4, 2, 2}), {.batch_size = 2});
              }),
              HasSubstr("keeps states of 3 sequences, but the input has shape (2, 2, 2)"));
}

TEST(StatefulModel, IsBuiltForItsFirstLayersBatch) {
  Sequential model;
  model.add(make_layer("GRU", {{"units", std::int64_t{2}},
                               {"stateful", true},
                               {"batch_input_shape", std::vector<std::int64_t>{4, 3, 2}}}));
  EXPECT_EQ(model.outputs()[0].shape(), (Shape{4, 2}));
  Sequential later({layers::GRU(2, {.stateful = true})});
  later.build({5, 3, 2});
  EXPECT_EQ(later.outputs()[0].shape(), (Shape{5, 2}));
}

}  // namespace
}  // namespace sinew
