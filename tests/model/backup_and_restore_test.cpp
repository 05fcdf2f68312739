#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "model/small_models.h"
#include "sinew/base/error.h"

namespace sinew {
namespace {

using namespace testing;
using callbacks::BackupAndRestore;
using callbacks::BackupAndRestoreOptions;
using callbacks::EarlyStopping;
using callbacks::LambdaCallback;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

struct Interrupted {};

class BackupAndRestoreTest : public ::testing::Test {
 protected:
  BackupAndRestoreTest()
      : folder_(fs::temp_directory_path() / ("sinew_backup_" + std::to_string(::getpid()))) {}
  ~BackupAndRestoreTest() override { fs::remove_all(folder_); }

  BackupAndRestore backup(BackupAndRestoreOptions options = {}) const {
    return BackupAndRestore(folder_ / "run", options);
  }
  fs::path latest() const { return folder_ / "run" / "latest.safetensors"; }

  /// 12 steps in 4 epochs, with dropout and early stopping's memory, by a new model each time as in
  /// a new process; thrown out of after so many steps.
  void train(const BackupAndRestore* backup, int steps_until_thrown = 1000) {
    const Classes data = three_classes(40);
    Sequential model = classifier();
    const LambdaCallback thrower({.on_train_batch_end = [&](int, const Logs&) {
      if (--steps_until_thrown == 0) throw Interrupted();
    }});
    FitArguments arguments{.epochs = 4, .batch_size = 16, .verbose = 0, .seed = 3};
    arguments.callbacks = {EarlyStopping({.monitor = "loss", .patience = 2}), thrower};
    if (backup) arguments.callbacks.push_back(*backup);
    history_ = model.fit(data.x, data.y, arguments);
    weights_ = model.get_weights();
  }

  fs::path folder_;
  History history_;
  std::vector<Tensor> weights_;
};

TEST_F(BackupAndRestoreTest, EndsInTheSameBitsWhereverItWasInterrupted) {
  train(nullptr);
  const History whole = history_;
  const std::vector<Tensor> expected = weights_;
  for (const std::int64_t save_freq : {0, 1, 2, 5}) {
    for (const bool twice : {false, true}) {
      const BackupAndRestore callback =
          backup({.save_freq = save_freq, .double_checkpoint = twice});
      for (int steps : {1, 3, 4, 5})
        EXPECT_THROW(train(&callback, steps), Interrupted) << save_freq;
      train(&callback);
      EXPECT_TRUE(same_bits(expected, weights_)) << save_freq;
      EXPECT_EQ(whole.epoch, history_.epoch) << save_freq;
      EXPECT_EQ(whole.series(), history_.series()) << save_freq;
      EXPECT_FALSE(fs::exists(folder_ / "run")) << "a backup of a training that is done";
    }
  }
}

TEST_F(BackupAndRestoreTest, GoesOnFromTheOneBeforeWhereTheLastCannotBeRead) {
  train(nullptr);
  const std::vector<Tensor> expected = weights_;
  const BackupAndRestore twice = backup({.save_freq = 1, .double_checkpoint = true});
  EXPECT_THROW(train(&twice, 5), Interrupted);
  std::ofstream(latest()) << "not a checkpoint";
  train(&twice);
  EXPECT_TRUE(same_bits(expected, weights_));
  // As if killed between the moving of the last one and the writing of the next.
  EXPECT_THROW(train(&twice, 5), Interrupted);
  fs::remove(latest());
  train(&twice);
  EXPECT_TRUE(same_bits(expected, weights_));

  const BackupAndRestore once = backup({.save_freq = 1});
  EXPECT_THROW(train(&once, 5), Interrupted);
  std::ofstream(latest()) << "not a checkpoint";
  EXPECT_THAT(message_of<FileError>([&] { train(&once); }), HasSubstr("latest.safetensors"));
}

TEST_F(BackupAndRestoreTest, StaysWhereItIsNotToBeDeleted) {
  const BackupAndRestore callback = backup({.delete_checkpoint = false});
  train(&callback);
  const std::vector<Tensor> expected = weights_;
  ASSERT_TRUE(fs::exists(latest()));
  train(&callback, 1);
  EXPECT_TRUE(same_bits(expected, weights_)) << "a training that is done does no step";
  EXPECT_EQ(history_.epoch.size(), 4u);
}

TEST_F(BackupAndRestoreTest, LeavesOthersFilesInItsFolder) {
  fs::create_directories(folder_ / "run");
  std::ofstream(folder_ / "run" / "notes") << "mine";
  const BackupAndRestore callback = backup();
  train(&callback);
  EXPECT_FALSE(fs::exists(latest()));
  EXPECT_TRUE(fs::exists(folder_ / "run" / "notes"));
}

TEST_F(BackupAndRestoreTest, RefusesWhatCannotBe) {
  EXPECT_THAT(message_of<ValueError>([] { BackupAndRestore(""); }), HasSubstr("name a folder"));
  EXPECT_THAT(message_of<ValueError>([] { BackupAndRestore("x", {.save_freq = -1}); }),
              HasSubstr("save_freq is -1"));
  const BackupAndRestore nowhere("/proc/absent/x");
  EXPECT_THAT(message_of<FileError>([&] { train(&nowhere); }),
              HasSubstr("folder '/proc/absent/x' cannot be made"));
  const BackupAndRestore callback = backup({.save_freq = 1});
  EXPECT_THROW(train(&callback, 2), Interrupted);
  const Classes data = three_classes(41);
  EXPECT_THAT(message_of<ValueError>([&] {
                classifier().fit(data.x, data.y, {.verbose = 0, .callbacks = {callback}});
              }),
              HasSubstr("was written by a training with a number of samples of 40"));
}

}  // namespace
}  // namespace sinew
