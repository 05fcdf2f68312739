#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <sstream>

#include "model/small_models.h"
#include "sinew/base/error.h"

namespace sinew {
namespace {

using namespace testing;
using callbacks::CSVLogger;
using callbacks::EarlyStopping;
using callbacks::JSONLogger;
using callbacks::LambdaCallback;
using callbacks::LearningRateScheduler;
using callbacks::ModelCheckpoint;
using callbacks::ReduceLROnPlateau;
using callbacks::SwapEMAWeights;
using callbacks::TerminateOnNaN;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Logs logs_of(const char* name, double value) {
  Logs logs;
  logs.set(name, value);
  return logs;
}

/// Feeds a series of results to the callback until it stops the training; returns the epochs seen.
/// The model's weight is the number of the epoch, so that restoring the best one can be seen.
int epochs_until_stopped(EarlyStopping& stopping, const char* name,
                         const std::vector<double>& values,
                         Sequential model = linear({1.0f}, 0.0f)) {
  stopping.set_model(model);
  model.set_stop_training(false);
  stopping.on_train_begin();
  int epoch = 0;
  for (double value : values) {
    model.set_weights({Tensor::full({1, 1}, epoch), Tensor({1})});
    stopping.on_epoch_end(epoch++, logs_of(name, value));
    if (model.stop_training()) break;
  }
  stopping.on_train_end({});
  return epoch;
}

TEST(EarlyStopping, WaitsForPatienceEpochsWithoutImprovement) {
  EarlyStopping stopping({.patience = 2});
  EXPECT_EQ(epochs_until_stopped(stopping, "val_loss", {5, 4, 4.5, 3, 3.5, 3.2, 1}), 6);
  EXPECT_EQ(stopping.stopped_epoch(), 5);
  EXPECT_EQ(stopping.best(), 3);
  EXPECT_EQ(stopping.best_epoch(), 3);
}

TEST(EarlyStopping, StopsAtOnceWithoutPatienceButNeverInTheFirstEpoch) {
  EarlyStopping stopping;
  EXPECT_EQ(epochs_until_stopped(stopping, "val_loss", {5, 5, 4}), 2);
}

TEST(EarlyStopping, CountsOnlyImprovementsBeyondMinDelta) {
  EarlyStopping stopping({.min_delta = 0.5, .patience = 1});
  EXPECT_EQ(epochs_until_stopped(stopping, "val_loss", {5, 4.6, 1}), 2);
}

TEST(EarlyStopping, AccuraciesShouldRise) {
  EarlyStopping stopping({.monitor = "val_accuracy", .patience = 1});
  EXPECT_EQ(epochs_until_stopped(stopping, "val_accuracy", {0.5, 0.6, 0.7, 0.65}), 4);
}

TEST(EarlyStopping, WaitsOnWhileTheBaselineIsNotBeaten) {
  EarlyStopping stopping({.patience = 2, .baseline = 1.0});
  EXPECT_EQ(epochs_until_stopped(stopping, "val_loss", {5, 4, 3, 2}), 4);
}

TEST(EarlyStopping, BeginsToLookAtAnEpoch) {
  EarlyStopping stopping({.patience = 1, .start_from_epoch = 3});
  EXPECT_EQ(epochs_until_stopped(stopping, "val_loss", {1, 2, 3, 4, 5, 6}), 5);
}

TEST(EarlyStopping, RestoresTheBestWeights) {
  EarlyStopping stopping({.patience = 2, .restore_best_weights = true});
  const Sequential model = linear({1.0f}, 0.0f);
  epochs_until_stopped(stopping, "val_loss", {5, 3, 4, 6}, model);
  EXPECT_EQ(model.get_weights()[0].at(0), 1.0);
}

TEST(EarlyStopping, AsksForAModeWhereTheNameTellsNothing) {
  EXPECT_THAT(message_of<ValueError>([] { EarlyStopping({.monitor = "val_score"}); }),
              HasSubstr("give mode"));
  for (const char* name : {"val_bce", "val_accuracy_1", "val_loss_12"})
    EXPECT_NO_THROW(EarlyStopping({.monitor = name})) << name;
  EXPECT_THAT(message_of<ValueError>([] { EarlyStopping({.mode = "down"}); }),
              HasSubstr("'down' is unknown"));
}

TEST(EarlyStopping, EndsAFit) {
  const Classes data = three_classes(32);
  Sequential model = classifier();
  const auto stopping = std::make_shared<EarlyStopping>(
      callbacks::EarlyStoppingOptions{.monitor = "loss", .min_delta = 100, .patience = 2});
  const History history =
      model.fit(data.x, data.y, {.epochs = 50, .verbose = 0, .callbacks = {stopping}});
  EXPECT_EQ(history.epoch.size(), 3u);
}

TEST(ModelCheckpoint, FillsInEpochAndResults) {
  const TemporaryFile expected("checkpoint-02-7.50.safetensors");
  const std::string folder = std::filesystem::path(expected.path()).parent_path().string();
  std::string pattern = expected.path();
  pattern.replace(pattern.find("02-7.50"), 7, "{epoch:02d}-{val_loss:.2f}");
  Sequential model = linear({1.0f}, 0.0f);
  ModelCheckpoint checkpoint(pattern, {.save_weights_only = true});
  checkpoint.set_model(model);
  checkpoint.on_epoch_end(1, logs_of("val_loss", 7.5));
  EXPECT_TRUE(std::filesystem::exists(expected.path())) << folder;
  EXPECT_THAT(message_of<ValueError>([&] { checkpoint.on_epoch_end(1, logs_of("loss", 1)); }),
              HasSubstr("there are: epoch, batch, loss"));
}

TEST(ModelCheckpoint, SavesTheBestOnly) {
  const TemporaryFile file("best.safetensors");
  Sequential model = linear({1.0f}, 0.0f);
  ModelCheckpoint checkpoint(file.path(), {.save_best_only = true, .save_weights_only = true});
  checkpoint.set_model(model);
  const std::vector<double> losses = {3, 2, 4};
  for (int epoch = 0; epoch < 3; ++epoch) {
    model.set_weights({Tensor::full({1, 1}, epoch), Tensor({1})});
    checkpoint.on_epoch_end(epoch, logs_of("val_loss", losses[static_cast<std::size_t>(epoch)]));
  }
  model.load_weights(file.path());
  EXPECT_EQ(model.get_weights()[0].at(0), 1.0);
}

TEST(ModelCheckpoint, SavesEverySoManyBatches) {
  const TemporaryFile file("batches.safetensors");
  Sequential model = linear({1.0f}, 0.0f);
  ModelCheckpoint checkpoint(file.path(), {.save_freq = 3});
  checkpoint.set_model(model);
  for (int batch = 0; batch < 2; ++batch) checkpoint.on_train_batch_end(batch, {});
  EXPECT_FALSE(std::filesystem::exists(file.path()));
  checkpoint.on_train_batch_end(2, {});
  EXPECT_TRUE(std::filesystem::exists(file.path()));
}

TEST(ModelCheckpoint, MakesItsFolderAndSaysAtOnceWhatItCannotWrite) {
  const TemporaryFile folder("checkpoints");
  const Classes data = three_classes(16);
  const auto fit = [&](const std::string& name) {
    Sequential model = classifier();
    int epochs = 0;
    const LambdaCallback count({.on_epoch_begin = [&](int) { ++epochs; }});
    EXPECT_THROW(
        model.fit(data.x, data.y, {.verbose = 0, .callbacks = {count, ModelCheckpoint(name)}}),
        Error)
        << name;
    return epochs;
  };
  Sequential model = classifier();
  model.fit(
      data.x, data.y,
      {.verbose = 0, .callbacks = {ModelCheckpoint(folder.path() + "/{epoch}/m.safetensors")}});
  EXPECT_TRUE(std::filesystem::exists(folder.path() + "/1/m.safetensors"));
  // Without validation there is no such result.
  EXPECT_EQ(fit(folder.path() + "/{val_loss}.safetensors"), 0);
  EXPECT_EQ(fit(folder.path() + "/1/m.safetensors/no.safetensors"), 0);
  std::filesystem::remove_all(folder.path());
}

TEST(ModelCheckpoint, GoesOnInTheEpochThatACheckpointStandsIn) {
  const TemporaryFile folder("batches"), resume("resume.safetensors");
  std::filesystem::create_directory(folder.path());
  const Classes data = three_classes(16);
  const auto fit = [&](bool stop, FitArguments arguments) {
    Sequential model = classifier();
    const LambdaCallback stopping({.on_train_batch_end = [&](int batch, const Logs&) {
      if (stop && model.iterations() > 4 && batch == 1) model.set_stop_training(true);
    }});
    arguments.epochs = 2;
    arguments.batch_size = 4;
    arguments.verbose = 0;
    arguments.callbacks = {
        ModelCheckpoint(folder.path() + "/{epoch}-{batch}.safetensors", {.save_freq = 2}),
        stopping};
    model.fit(data.x, data.y, arguments);
  };
  fit(true, {.checkpoint = resume.path()});
  std::filesystem::remove(folder.path() + "/1-4.safetensors");
  fit(false, {.resume = resume.path()});
  EXPECT_FALSE(std::filesystem::exists(folder.path() + "/1-4.safetensors"));
  EXPECT_TRUE(std::filesystem::exists(folder.path() + "/2-4.safetensors"));
  std::filesystem::remove_all(folder.path());
}

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(CSVLogger, WritesALineAnEpochAndAppends) {
  const TemporaryFile file("log.csv");
  Sequential model = linear({1.0f}, 0.0f);
  const auto log = [&](bool append, int epoch, double loss) {
    CSVLogger logger(file.path(), {.separator = ";", .append = append});
    logger.set_model(model);
    logger.on_train_begin();
    Logs logs = logs_of("loss", loss);
    logs.set("accuracy", 0.25);
    logger.on_epoch_end(epoch, logs);
    logger.on_train_end(logs);
  };
  log(false, 0, 1.5);
  log(true, 1, 0.5);
  EXPECT_EQ(text_of(file.path()), "epoch;accuracy;loss\n0;0.25;1.5\n1;0.25;0.5\n");
  log(false, 0, 2.0);
  EXPECT_EQ(text_of(file.path()), "epoch;accuracy;loss\n0;0.25;2\n");
  CSVLogger nowhere("/nonexistent/log.csv");
  EXPECT_THAT(message_of<FileError>([&] { nowhere.on_train_begin(); }),
              HasSubstr("/nonexistent/log.csv"));
}

TEST(CSVLogger, HasColumnsForValidationThatComesLater) {
  const TemporaryFile file("later.csv");
  const Classes data = three_classes(16);
  classifier().fit(data.x, data.y,
                   {.epochs = 2,
                    .verbose = 0,
                    .callbacks = {CSVLogger(file.path())},
                    .validation_data = {data.x, data.y},
                    .validation_freq = 2});
  const std::string text = text_of(file.path());
  EXPECT_THAT(text, HasSubstr("epoch,accuracy,loss,val_accuracy,val_loss\n0,"));
  EXPECT_THAT(text, HasSubstr(",NA,NA\n1,"));
  EXPECT_EQ(std::count(text.begin(), text.end(), 'N'), 2);
}

TEST(JSONLogger, WritesAnObjectAnEpochAsItEnds) {
  const TemporaryFile file("log.jsonl");
  Sequential model = linear({1.0f}, 0.0f);
  JSONLogger logger(file.path());
  logger.set_model(model);
  logger.on_train_begin();
  logger.on_epoch_end(0, logs_of("loss", 0.1));
  EXPECT_EQ(text_of(file.path()), "{\"epoch\":0,\"loss\":0.1}\n");
  logger.on_epoch_end(1, logs_of("loss", std::nan("")));
  logger.on_train_end({});
  EXPECT_EQ(text_of(file.path()), "{\"epoch\":0,\"loss\":0.1}\n{\"epoch\":1,\"loss\":null}\n");
  JSONLogger more(file.path(), {.append = true});
  more.on_train_begin();
  more.on_epoch_end(2, logs_of("loss", 3));
  EXPECT_THAT(text_of(file.path()), HasSubstr("null}\n{\"epoch\":2,\"loss\":3.0}\n"));
  JSONLogger anew(file.path());
  anew.on_train_begin();
  anew.on_train_end({});
  EXPECT_EQ(text_of(file.path()), "");
  JSONLogger nowhere("/nonexistent/log.jsonl");
  EXPECT_THAT(message_of<FileError>([&] { nowhere.on_train_begin(); }),
              HasSubstr("/nonexistent/log.jsonl"));
}

/// A log is that of an uninterrupted run: what was written after the checkpoint is cut off, and
/// what came before stays.
TEST(Loggers, GoOnWhereTheTrainingDoes) {
  const Classes data = three_classes(32);
  const TemporaryFile checkpoint("logged.safetensors");
  const auto logs_after = [&](const std::vector<FitArguments>& runs) {
    const TemporaryFile csv("resumed.csv"), json("resumed.jsonl");
    for (FitArguments arguments : runs) {
      arguments.verbose = 0;
      arguments.seed = 5;
      arguments.callbacks = {CSVLogger(csv.path()), JSONLogger(json.path())};
      classifier().fit(data.x, data.y, arguments);
    }
    return text_of(csv.path()) + text_of(json.path());
  };
  const std::string whole = logs_after({{.epochs = 5}});
  // The first run ends an epoch after its last checkpoint.
  const std::string pieces = logs_after(
      {{.epochs = 3, .batch_size = 32, .checkpoint = checkpoint.path(), .checkpoint_every = 2},
       {.epochs = 5, .batch_size = 32, .resume = checkpoint.path()}});
  EXPECT_EQ(std::count(whole.begin(), whole.end(), '\n'), 11);
  EXPECT_EQ(whole, pieces);
}

TEST(CSVLogger, KeepsItsLinesWhenTheCheckpointToResumeIsRefused) {
  const TemporaryFile file("kept.csv"), checkpoint("of_others.safetensors");
  const Classes data = three_classes(16);
  Sequential model = classifier();
  const auto fit = [&](FitArguments arguments) {
    arguments.verbose = 0;
    arguments.callbacks = {CSVLogger(file.path())};
    model.fit(data.x, data.y, arguments);
  };
  fit({.checkpoint = checkpoint.path()});
  const std::string before = text_of(file.path());
  const std::vector<Tensor> weights = model.get_weights();
  model.set_weights({Tensor({4, 8}), Tensor({8}), Tensor({8, 3}), Tensor({3})});
  EXPECT_THROW(fit({.batch_size = 5, .resume = checkpoint.path()}), ValueError);
  EXPECT_EQ(text_of(file.path()), before);
  // And the model is as it was, not as the checkpoint's.
  EXPECT_EQ(model.get_weights()[0].at(0), 0.0);
  EXPECT_NE(weights[0].at(0), 0.0);
}

TEST(TerminateOnNaN, EndsTheTrainingInTheMiddleOfAnEpoch) {
  // A learning rate this large makes the squared error overflow within a few steps.
  Sequential model = linear({1.0f}, 0.0f, 1e19);
  const Tensor x = Tensor::full({64, 1}, 10.0);
  int batches = 0;
  const LambdaCallback count({.on_train_batch_end = [&](int, const Logs&) { ++batches; }});
  const History history = model.fit(
      x, Tensor({64, 1}),
      {.epochs = 3, .batch_size = 1, .verbose = 0, .callbacks = {count, TerminateOnNaN()}});
  EXPECT_LT(batches, 10);
  EXPECT_EQ(history.epoch.size(), 1u);
  EXPECT_FALSE(std::isfinite(history["loss"][0]));
}

TEST(LearningRateScheduler, SetsTheRateOfEachEpoch) {
  const Classes data = three_classes(16);
  Sequential model = classifier("sgd");
  std::vector<double> rates;
  const LambdaCallback look(
      {.on_epoch_end = [&](int, const Logs&) { rates.push_back(model.learning_rate()); }});
  const History history =
      model.fit(data.x, data.y,
                {.epochs = 3,
                 .verbose = 0,
                 .callbacks = {LearningRateScheduler([](int epoch, double rate) {
                                 return epoch == 0 ? 0.5 : rate / 2;
                               }),
                               look}});
  EXPECT_THAT(rates, ElementsAre(0.5, 0.25, 0.125));
  EXPECT_EQ(history["learning_rate"], rates);
}

TEST(LearningRateScheduler, CannotSetWhatAScheduleSets) {
  const Classes data = three_classes(16);
  Sequential model =
      classifier("SGD(learning_rate=\"CosineDecay(initial_learning_rate=0.1, decay_steps=9)\")");
  EXPECT_THAT(message_of<ValueError>([&] {
                model.fit(data.x, data.y,
                          {.verbose = 0,
                           .callbacks = {LearningRateScheduler([](int, double) { return 0.5; })}});
              }),
              HasSubstr("its learning rate is a CosineDecay"));
}

/// The learning rate after each of the results.
std::vector<double> rates_after(ReduceLROnPlateau& callback, const char* name,
                                const std::vector<double>& values) {
  Sequential model = linear({1.0f}, 0.0f, 1.0);
  callback.set_model(model);
  callback.on_train_begin();
  std::vector<double> rates;
  for (double value : values) {
    callback.on_epoch_end(static_cast<int>(rates.size()), logs_of(name, value));
    rates.push_back(model.learning_rate());
  }
  return rates;
}

TEST(ReduceLROnPlateau, ReducesAfterPatienceAndCoolsDown) {
  ReduceLROnPlateau callback({.factor = 0.5, .patience = 2});
  EXPECT_THAT(rates_after(callback, "val_loss", {3, 2, 2, 1.99995, 1.9, 1.9, 1.9, 1.9, 1.9}),
              ElementsAre(1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.125))
      << "1.99995 is within min_delta";
  ReduceLROnPlateau cooling({.factor = 0.5, .patience = 1, .cooldown = 2});
  EXPECT_THAT(rates_after(cooling, "val_loss", {1, 1, 1, 1, 1}),
              ElementsAre(1, 0.5, 0.5, 0.25, 0.25));
  ReduceLROnPlateau bounded(
      {.monitor = "val_accuracy", .factor = 0.25, .patience = 1, .min_lr = 0.1});
  EXPECT_THAT(rates_after(bounded, "val_accuracy", {0.5, 0.4, 0.6, 0.5, 0.5}),
              ElementsAre(1, 0.25, 0.25, static_cast<double>(0.1f), static_cast<double>(0.1f)));
}

TEST(ReduceLROnPlateau, GoesOnFromItsState) {
  ReduceLROnPlateau whole({.factor = 0.5, .patience = 3});
  rates_after(whole, "val_loss", {1, 1, 1});
  ReduceLROnPlateau resumed({.factor = 0.5, .patience = 3});
  Sequential model = linear({1.0f}, 0.0f, 1.0);
  resumed.set_model(model);
  resumed.on_train_begin();
  resumed.set_state(whole.state());
  resumed.on_epoch_end(3, logs_of("val_loss", 1));
  EXPECT_EQ(model.learning_rate(), 0.5);
}

TEST(ReduceLROnPlateau, GivesTheRateToTheHistory) {
  const Classes data = three_classes(16);
  Sequential model = classifier("SGD(learning_rate=1.0)");
  const History history =
      model.fit(data.x, data.y,
                {.epochs = 3,
                 .verbose = 0,
                 .callbacks = {ReduceLROnPlateau(
                     {.monitor = "loss", .factor = 0.5, .patience = 1, .min_delta = 100})}});
  EXPECT_THAT(history["learning_rate"], ElementsAre(1, 1, 0.5)) << "before it is reduced";
  EXPECT_EQ(model.learning_rate(), 0.25);
  EXPECT_THAT(message_of<ValueError>([] { ReduceLROnPlateau({.factor = 1}); }),
              HasSubstr("factor is 1; it must be below 1"));
}

/// A model whose average stays at its first weights.
Sequential averaged() {
  return classifier("SGD(learning_rate=0.5, use_ema=true, ema_momentum=1.0)", 0);
}

TEST(SwapEMAWeights, EvaluatesAndPredictsWithTheAverages) {
  const Classes data = three_classes(16);
  Sequential model = averaged();
  model.train_on_batch(data.x, data.y);
  const std::vector<Tensor> first = model.get_weights();
  const Tensor predicted = model.predict(data.x);
  const Logs evaluated = model.evaluate(data.x, data.y, {.verbose = 0});
  for (int step = 0; step < 3; ++step) model.train_on_batch(data.x, data.y);
  const std::vector<Tensor> last = model.get_weights();
  ASSERT_FALSE(same_bits(model.predict(data.x), predicted));
  EXPECT_TRUE(same_bits(model.predict(data.x, {.callbacks = {SwapEMAWeights()}}), predicted));
  EXPECT_EQ(model.evaluate(data.x, data.y, {.verbose = 0, .callbacks = {SwapEMAWeights()}})["loss"],
            evaluated["loss"]);
  EXPECT_TRUE(same_bits(model.get_weights(), last));
}

TEST(SwapEMAWeights, HasTheAveragesInTheModelAtTheEndOfEachEpoch) {
  const Classes data = three_classes(16);
  const auto train = [&](bool swap) {
    Sequential model = averaged();
    std::vector<std::vector<Tensor>> at_epoch_end;
    const LambdaCallback look(
        {.on_epoch_end = [&](int, const Logs&) { at_epoch_end.push_back(model.get_weights()); }});
    std::vector<CallbackPtr> all;
    if (swap) all.push_back(SwapEMAWeights(true));
    all.push_back(look);
    model.fit(data.x, data.y,
              {.epochs = 3, .verbose = 0, .callbacks = all, .validation_data = {data.x, data.y}});
    at_epoch_end.push_back(model.get_weights());
    return at_epoch_end;
  };
  const auto plain = train(false), swapped = train(true);
  for (int epoch = 0; epoch < 3; ++epoch)
    EXPECT_TRUE(same_bits(swapped[static_cast<std::size_t>(epoch)], plain[0])) << epoch;
  EXPECT_FALSE(same_bits(plain[2], plain[0]));
  EXPECT_TRUE(same_bits(swapped[3], plain[3])) << "the averages, either way";
}

TEST(SwapEMAWeights, ResumesWithTheAveragesInTheModel) {
  const Classes data = three_classes(16);
  const TemporaryFile file("averages.safetensors");
  const auto train = [&](int epochs, const std::string& resume) {
    Sequential model = classifier("SGD(learning_rate=0.5, use_ema=true)");
    model.fit(data.x, data.y,
              {.epochs = epochs,
               .verbose = 0,
               .callbacks = {SwapEMAWeights(true)},
               .seed = 4,
               .resume = resume,
               .checkpoint = file.path()});
    return model.get_weights();
  };
  const std::vector<Tensor> whole = train(4, "");
  train(2, "");
  EXPECT_TRUE(same_bits(train(4, file.path()), whole));
}

TEST(SwapEMAWeights, NeedsAverages) {
  const Classes data = three_classes(16);
  Sequential model = classifier("sgd");
  EXPECT_THAT(
      message_of<ValueError>([&] { model.predict(data.x, {.callbacks = {SwapEMAWeights()}}); }),
      HasSubstr("optimizer sgd: it keeps no moving averages of the weights"));
}

/// Writes down which hooks are called.
class Recorder : public Callback {
 public:
  explicit Recorder(std::string& text) : text_(text) {}
  void on_train_begin() override { text_ += "T"; }
  void on_train_end(const Logs&) override { text_ += "t"; }
  void on_epoch_begin(int epoch) override { text_ += "E" + std::to_string(epoch); }
  void on_epoch_end(int epoch, const Logs& logs) override {
    text_ += "e" + std::to_string(epoch) + (logs.has("val_loss") ? "v" : "");
  }
  void on_batch_begin(int batch) override { text_ += "B" + std::to_string(batch); }
  void on_batch_end(int batch, const Logs& logs) override {
    text_ += (logs.has("loss") ? "b" : "?") + std::to_string(batch);
  }
  void on_test_begin() override { text_ += "V"; }
  void on_test_end(const Logs&) override { text_ += "v"; }
  void on_test_batch_begin(int) override { text_ += "<"; }
  void on_test_batch_end(int, const Logs&) override { text_ += ">"; }
  void on_predict_begin() override { text_ += "P"; }
  void on_predict_end() override { text_ += "p"; }
  void on_predict_batch_begin(int) override { text_ += "("; }
  void on_predict_batch_end(int) override { text_ += ")"; }

 private:
  std::string& text_;
};

TEST(Callback, HooksAreCalledInKerasOrder) {
  const Classes data = three_classes(8);
  Sequential model = classifier();
  std::string text;
  model.fit(data.x, data.y,
            {.epochs = 2,
             .batch_size = 4,
             .verbose = 0,
             .callbacks = {Recorder(text)},
             .validation_data = {data.x, data.y}});
  EXPECT_EQ(text, "TE0B0b0B1b1V<><>ve0vE1B0b0B1b1V<><>ve1vt");
  text.clear();
  model.evaluate(data.x, data.y, {.batch_size = 8, .verbose = 0, .callbacks = {Recorder(text)}});
  model.predict(data.x, {.batch_size = 4, .callbacks = {Recorder(text)}});
  EXPECT_EQ(text, "V<>vP()()p");
}

}  // namespace
}  // namespace sinew
