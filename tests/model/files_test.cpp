#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "model/small_models.h"
#include "sinew/base/error.h"

namespace sinew {
namespace {

using namespace testing;
using ::testing::HasSubstr;

TEST(ModelFile, SaveLoadPredictGivesTheSameBits) {
  const TemporaryFile file("model.safetensors");
  const Classes data = three_classes(50);
  Sequential model = classifier();
  model.fit(data.x, data.y, {.epochs = 2, .verbose = 0});
  model.save(file.path());
  Model loaded = load_model(file.path());
  EXPECT_EQ(loaded.class_name(), "Sequential");
  EXPECT_EQ(loaded.name(), model.name());
  EXPECT_TRUE(same_bits(model.predict(data.x), loaded.predict(data.x)));
  EXPECT_EQ(loaded.iterations(), model.iterations());
}

TEST(ModelFile, TrainingGoesOnFromALoadedModel) {
  const TemporaryFile file("continue.safetensors");
  const Classes data = three_classes(50);
  Sequential model = classifier("adam", 0.0);
  model.fit(data.x, data.y, {.epochs = 2, .verbose = 0});
  model.save(file.path());
  Model loaded = load_model(file.path());
  // Adam's slots and its count of steps came along: one more epoch is the same in both.
  model.fit(data.x, data.y, {.verbose = 0, .shuffle = false});
  loaded.fit(data.x, data.y, {.verbose = 0, .shuffle = false});
  EXPECT_TRUE(same_bits(model.get_weights(), loaded.get_weights()));
}

TEST(ModelFile, FunctionalModelsKeepTheirWiring) {
  const TemporaryFile file("functional.safetensors");
  const KerasTensor a = Input({4}, {.name = "a"});
  const KerasTensor b = Input({4}, {.name = "b"});
  const LayerPtr shared = layers::Dense(3, {.activation = "relu"});
  const KerasTensor joined = layers::Concatenate()({shared(a), shared(b)});
  Model model({a, b}, {layers::Dense(2)(joined), shared(a)}, "wired");
  model.save(file.path());
  Model loaded = load_model(file.path());
  const Tensor x = three_classes(9).x, y = three_classes(9, 4, 2).x;
  EXPECT_TRUE(same_bits(model.predict_all({x, y}), loaded.predict_all({x, y})));
  EXPECT_EQ(loaded.to_json(), model.to_json());
}

TEST(ModelFile, WeightsAloneGoIntoAModelOfTheSameShape) {
  const TemporaryFile file("weights.safetensors");
  const Classes data = three_classes(5);
  Sequential first = classifier();
  first.save_weights(file.path());
  Sequential second({layers::Dense(8, {.activation = "relu", .input_shape = {4}}),
                     layers::Dropout(0.25), layers::Dense(3, {.activation = "softmax"})});
  second.load_weights(file.path());
  EXPECT_TRUE(same_bits(first.predict(data.x), second.predict(data.x)));
  Sequential other({layers::Dense(7, {.input_shape = {4}})});
  EXPECT_THAT(
      message_of<ShapeError>([&] { other.load_weights(file.path()); }),
      HasSubstr("tensor \"dense/kernel\" is float32(4, 8), but the model's is float32(4, 7)"));
  EXPECT_THAT(message_of<FileError>([&] { load_model(file.path()); }),
              HasSubstr("holds tensors but no model"));
}

/// Trains for 3 epochs of 7 batches; ends early, as a killed program would, after `stop_after`
/// steps.
std::vector<Tensor> train(const std::string& checkpoint, const std::string& resume, int stop_after,
                          History* history, const std::vector<CallbackPtr>& more = {}) {
  const Classes data = three_classes(103);
  Sequential model = classifier();
  // Another start when resuming: everything must come from the checkpoint.
  if (!resume.empty())
    model.set_weights({Tensor({4, 8}), Tensor({8}), Tensor({8, 3}), Tensor({3})});
  struct Killed {};
  int steps = 0;
  const callbacks::LambdaCallback kill({.on_train_batch_begin = [&](int) {
    if (steps++ == stop_after) throw Killed{};
  }});
  std::vector<CallbackPtr> all = more;
  all.push_back(kill);
  try {
    *history = model.fit(data.x, data.y,
                         {.epochs = 3,
                          .batch_size = 16,
                          .verbose = 0,
                          .callbacks = all,
                          .validation_split = 0.1,
                          .seed = 4,
                          .resume = resume,
                          .checkpoint = checkpoint,
                          .checkpoint_every = checkpoint.empty() ? 0 : 1});
  } catch (const Killed&) {
  }
  return model.get_weights();
}

TEST(Checkpoint, AResumedTrainingEqualsTheUninterruptedOneBitForBit) {
  History whole, resumed, unused;
  const std::vector<Tensor> expected = train("", "", -1, &whole);
  // 103 rows, 10 % for validation: 92 rows, 6 batches. In an epoch's middle, at its end, and in the
  // last one.
  for (int steps : {1, 4, 6, 7, 12, 17}) {
    const TemporaryFile file("resume.safetensors");
    train(file.path(), "", steps, &unused);
    EXPECT_TRUE(same_bits(expected, train("", file.path(), -1, &resumed))) << steps;
    EXPECT_EQ(whole.epoch, resumed.epoch) << steps;
    EXPECT_EQ(whole.series(), resumed.series()) << steps;
  }
}

TEST(Checkpoint, CallbacksGoOnWhereTheyWere) {
  // Nothing improves by 100 after the first epoch: its weights are the best ones and must survive
  // the restart.
  const auto stopping = [] {
    return callbacks::EarlyStopping(
        {.monitor = "loss", .min_delta = 100, .patience = 2, .restore_best_weights = true});
  };
  History whole, resumed, unused;
  const std::vector<Tensor> expected = train("", "", -1, &whole, {stopping()});
  const TemporaryFile file("callbacks.safetensors");
  train(file.path(), "", 9, &unused, {stopping()});
  EXPECT_TRUE(same_bits(expected, train("", file.path(), -1, &resumed, {stopping()})));
  EXPECT_EQ(whole.epoch, resumed.epoch);
  EXPECT_THAT(message_of<ValueError>([&] { train("", file.path(), -1, &resumed); }),
              HasSubstr("with other callbacks (2 of them, 1 now)"));
}

/// Trains for 4 epochs of 6 batches with a schedule that halves the rate; `stop` may end it.
History train_by_schedule(Sequential& model, const std::string& checkpoint,
                          const std::string& resume, callbacks::LambdaCallback stop) {
  const Classes data = three_classes(103);
  const callbacks::LearningRateScheduler halve([](int, double rate) { return rate * 0.5; });
  return model.fit(data.x, data.y,
                   {.epochs = 4,
                    .batch_size = 16,
                    .verbose = 0,
                    .callbacks = {halve, stop},
                    .validation_split = 0.1,
                    .seed = 4,
                    .resume = resume,
                    .checkpoint = checkpoint,
                    .checkpoint_every = checkpoint.empty() ? 0 : 2});
}

TEST(Checkpoint, AnEpochResumedInItsMiddleDoesNotBeginAgain) {
  struct Killed {};
  int steps = 0;
  const callbacks::LambdaCallback nothing({}), kill({.on_train_batch_begin = [&](int) {
    if (steps++ == 9) throw Killed{};
  }});
  const TemporaryFile file("schedule.safetensors");
  Sequential whole = classifier();
  train_by_schedule(whole, "", "", nothing);
  Sequential killed = classifier();
  EXPECT_THROW(train_by_schedule(killed, file.path(), "", kill), Killed);
  Sequential resumed = classifier();
  train_by_schedule(resumed, "", file.path(), nothing);
  EXPECT_EQ(resumed.learning_rate(), whole.learning_rate());
  EXPECT_TRUE(same_bits(resumed.get_weights(), whole.get_weights()));
}

TEST(Checkpoint, ATrainingStoppedInMidEpochGoesOnWithItsMetrics) {
  const callbacks::LambdaCallback nothing({});
  const TemporaryFile file("stopped.safetensors");
  Sequential whole = classifier();
  const History expected = train_by_schedule(whole, "", "", nothing);
  Sequential stopped = classifier();
  train_by_schedule(stopped, file.path(), "",
                    callbacks::LambdaCallback({.on_train_batch_end = [&](int batch, const Logs&) {
                      if (batch == 2) stopped.set_stop_training(true);
                    }}));
  Sequential resumed = classifier();
  const History history = train_by_schedule(resumed, "", file.path(), nothing);
  EXPECT_EQ(history.series(), expected.series());
  EXPECT_TRUE(same_bits(resumed.get_weights(), whole.get_weights()));
}

TEST(Checkpoint, ATrainingThatEndedEarlyStaysEnded) {
  const auto stopping = [] {
    return callbacks::EarlyStopping({.monitor = "loss", .min_delta = 100, .patience = 1});
  };
  History whole, resumed;
  const TemporaryFile file("ended.safetensors");
  const std::vector<Tensor> expected = train(file.path(), "", -1, &whole, {stopping()});
  EXPECT_EQ(whole.epoch.size(), 2u);
  EXPECT_TRUE(same_bits(expected, train("", file.path(), -1, &resumed, {stopping()})));
  EXPECT_EQ(resumed.series(), whole.series());
}

TEST(Checkpoint, BelongsToATraining) {
  const TemporaryFile checkpoint("other.safetensors"), saved("saved.safetensors");
  History unused;
  train(checkpoint.path(), "", 3, &unused);
  const Classes data = three_classes(103);
  Sequential model = classifier();
  const callbacks::LambdaCallback none{{}};
  const auto resume = [&](std::int64_t batch_size, const std::string& path) {
    model.fit(data.x, data.y,
              {.epochs = 3,
               .batch_size = batch_size,
               .verbose = 0,
               .callbacks = {none},
               .validation_split = 0.1,
               .resume = path});
  };
  EXPECT_THAT(message_of<ValueError>([&] { resume(32, checkpoint.path()); }),
              HasSubstr("with batch_size 16, but this one has 32"));
  model.save(saved.path());
  EXPECT_THAT(message_of<FileError>([&] { resume(16, saved.path()); }),
              HasSubstr("not a checkpoint"));
  EXPECT_THAT(message_of<FileError>([&] { resume(16, "/nonexistent/file"); }),
              HasSubstr("/nonexistent/file"));
}

TEST(ModelFile, BrokenFilesAreRefused) {
  const TemporaryFile file("broken.safetensors");
  Sequential model = classifier();
  model.save(file.path());
  std::string bytes;
  {
    std::ifstream in(file.path(), std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(in), {});
  }
  for (std::size_t length :
       {std::size_t{0}, std::size_t{5}, std::size_t{40}, bytes.size() / 2, bytes.size() - 1}) {
    std::ofstream(file.path(), std::ios::binary) << bytes.substr(0, length);
    EXPECT_THAT(message_of<FileError>([&] { load_model(file.path()); }), HasSubstr(file.path()))
        << length;
  }
}

constexpr const char* kKerasJson = R"({
 "module": "keras", "class_name": "Sequential", "registered_name": null, "build_config": {"input_shape": [null, 4]},
 "config": {"name": "from_keras", "trainable": true,
  "dtype": {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}, "registered_name": null},
  "layers": [
   {"module": "keras.layers", "class_name": "InputLayer", "registered_name": null,
    "config": {"batch_shape": [null, 4], "dtype": "float32", "sparse": false, "name": "input_layer"}},
   {"module": "keras.layers", "class_name": "Dense", "registered_name": null, "build_config": {"input_shape": [null, 4]},
    "config": {"name": "dense", "trainable": true,
     "dtype": {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}, "registered_name": null},
     "units": 5, "activation": "relu", "use_bias": true,
     "kernel_initializer": {"module": "keras.initializers", "class_name": "TruncatedNormal",
                            "config": {"mean": 0.0, "stddev": 0.1, "seed": null}, "registered_name": null},
     "bias_initializer": {"module": "keras.initializers", "class_name": "Zeros", "config": {}, "registered_name": null},
     "kernel_regularizer": {"module": "keras.regularizers", "class_name": "L2", "config": {"l2": 0.01}, "registered_name": null},
     "bias_regularizer": null, "kernel_constraint": null, "bias_constraint": null}},
   {"module": "keras.layers", "class_name": "Dropout", "registered_name": null,
    "config": {"name": "dropout", "trainable": true, "dtype": "float32", "rate": 0.5, "seed": null, "noise_shape": null}}
  ]}})";

TEST(Json, ReadsWhatKerasWrites) {
  Model model = model_from_json(kKerasJson);
  EXPECT_EQ(model.name(), "from_keras");
  EXPECT_EQ(model.count_params(), 4 * 5 + 5);
  EXPECT_EQ(model.predict(Tensor({2, 4})).shape(), (Shape{2, 5}));
  // What it writes it reads again.
  EXPECT_EQ(model_from_json(model.to_json()).to_json(), model.to_json());
}

TEST(Json, MistakesNameTheLayerAndTheOption) {
  const auto changed = [](const std::string& from, const std::string& to) {
    std::string text = kKerasJson;
    text.replace(text.find(from), from.size(), to);
    return message_of<ValueError>([&] { model_from_json(text); });
  };
  EXPECT_THAT(changed("\"class_name\": \"Dense\"", "\"class_name\": \"Dence\""),
              HasSubstr("Dense"));
  EXPECT_THAT(changed("\"units\": 5", "\"unit\": 5"), HasSubstr("units"));
  EXPECT_THAT(changed("\"rate\": 0.5", "\"rate\": \"half\""), HasSubstr("dropout"));
  EXPECT_THAT(changed("\"class_name\": \"Sequential\"", "\"class_name\": \"Subclassed\""),
              HasSubstr("Subclassed"));
  EXPECT_THAT(changed("[null, 4], \"dtype\"", "[null, -4], \"dtype\""), HasSubstr("batch_shape"));
  EXPECT_THAT(message_of<ValueError>([] { model_from_json("{\"class_name\": "); }),
              HasSubstr("malformed JSON"));
}

}  // namespace
}  // namespace sinew
