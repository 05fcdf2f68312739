#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/event_reader.h"
#include "model/small_models.h"
#include "sinew/base/error.h"
#include "sinew/ops/elementwise.h"

namespace sinew {
namespace {

using namespace testing;
using callbacks::TensorBoard;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

class TensorBoardTest : public ::testing::Test {
 protected:
  TensorBoardTest()
      : folder_(fs::temp_directory_path() / ("sinew_board_" + std::to_string(::getpid()))) {}
  ~TensorBoardTest() override { fs::remove_all(folder_); }

  /// The scalars of a run's files by their tags.
  std::map<std::string, std::vector<std::pair<std::int64_t, double>>> scalars(
      const std::string& run) const {
    std::map<std::string, std::vector<std::pair<std::int64_t, double>>> found;
    for (const auto& file : fs::directory_iterator(folder_ / run)) {
      io::EventReader reader(file.path());
      for (const io::ScalarEvent& event : reader.read())
        found[event.tag].emplace_back(event.step, event.value);
    }
    return found;
  }

  History fit(const CallbackPtr& callback, FitArguments arguments = {}) {
    const Classes data = three_classes(48);
    arguments.epochs = 3;
    arguments.batch_size = 16;
    arguments.verbose = 0;
    arguments.seed = 1;
    arguments.validation_data = {data.x, data.y};
    arguments.callbacks.push_back(callback);
    return classifier().fit(data.x, data.y, arguments);
  }

  fs::path folder_;
};

TEST_F(TensorBoardTest, WritesKerassTagsInKerassFolders) {
  const History history = fit(TensorBoard(folder_));
  const auto train = scalars("train"), validation = scalars("validation");
  std::vector<std::string> tags;
  for (const auto& [tag, unused] : train) tags.push_back(tag);
  EXPECT_THAT(tags, ElementsAre("epoch_accuracy", "epoch_learning_rate", "epoch_loss"));
  for (int epoch = 0; epoch < 3; ++epoch) {
    const auto i = static_cast<std::size_t>(epoch);
    EXPECT_EQ(train.at("epoch_loss")[i].first, epoch);
    EXPECT_FLOAT_EQ(train.at("epoch_loss")[i].second, history["loss"][i]);
    EXPECT_FLOAT_EQ(validation.at("epoch_loss")[i].second, history["val_loss"][i]);
    EXPECT_FLOAT_EQ(train.at("epoch_learning_rate")[i].second, 0.001);
    // Against the optimizer's updates.
    EXPECT_EQ(validation.at("evaluation_loss_vs_iterations")[i].first, 3 * (epoch + 1));
  }
}

TEST_F(TensorBoardTest, WritesBatchesWhenAsked) {
  fit(TensorBoard(folder_, {.write_steps_per_second = true, .update_freq = 2}));
  const auto train = scalars("train");
  std::vector<std::int64_t> steps;
  for (const auto& [step, value] : train.at("batch_loss")) steps.push_back(step);
  EXPECT_THAT(steps, ElementsAre(2, 4, 6, 8));
  EXPECT_GT(train.at("batch_steps_per_second")[0].second, 0);
  EXPECT_EQ(train.at("epoch_steps_per_second").size(), 3u);
}

TEST_F(TensorBoardTest, CountsOnWhereATrainingIsResumed) {
  const TemporaryFile checkpoint("board.safetensors");
  const callbacks::TensorBoardOptions options{.update_freq = 1};
  struct Stop {};
  int steps = 0;
  const callbacks::LambdaCallback thrower({.on_train_batch_end = [&](int, const Logs&) {
    if (++steps == 5) throw Stop();
  }});
  FitArguments arguments{
      .callbacks = {thrower}, .checkpoint = checkpoint.path(), .checkpoint_every = 1};
  EXPECT_THROW(fit(TensorBoard(folder_ / "a", options), arguments), Stop);
  arguments.resume = checkpoint.path();
  fit(TensorBoard(folder_ / "b", options), arguments);
  EXPECT_EQ(scalars("a/train").at("batch_loss").size(), 4u);
  EXPECT_EQ(scalars("b/train").at("batch_loss").front().first, 5);
}

TEST_F(TensorBoardTest, ModelsThatNoFileHoldsAreTrainedWithoutTheirGraph) {
  Sequential model;
  model.add(layers::Lambda([](Value x) { return x * x; }, {.input_shape = {4}}));
  model.add(layers::Dense(1));
  model.compile({.loss = "mse"});
  EXPECT_NO_THROW(model.fit(Tensor({4, 4}), Tensor({4, 1}),
                            {.verbose = 0, .callbacks = {TensorBoard(folder_)}}));
}

TEST_F(TensorBoardTest, RefusesWhatCannotBe) {
  EXPECT_THAT(message_of<ValueError>([] { TensorBoard(""); }), HasSubstr("name a folder"));
  EXPECT_THAT(message_of<ValueError>([] { TensorBoard("x", {.update_freq = -1}); }),
              HasSubstr("update_freq is -1"));
  EXPECT_THAT(message_of<FileError>([&] { fit(TensorBoard("/proc/absent/x")); }),
              HasSubstr("folder '/proc/absent/x/train' cannot be made"));
}

}  // namespace
}  // namespace sinew
