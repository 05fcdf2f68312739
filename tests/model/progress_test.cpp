#include "model/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sinew::model {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string written(int verbose) {
  std::FILE* file = std::tmpfile();
  Progress progress(verbose, file);
  Logs logs;
  logs.set("loss", 0.25);
  logs.set("accuracy", 0.00005);
  progress.begin_epoch(1, 10);
  progress.begin_steps(120);
  for (int step = 1; step <= 120; ++step) progress.step(step, logs);
  progress.end(logs);
  std::string text(4096, '\0');
  std::rewind(file);
  text.resize(std::fread(text.data(), 1, text.size(), file));
  std::fclose(file);
  return text;
}

TEST(Progress, OutsideATerminalAnEpochIsOneLine) {
  const std::string text = written(2);
  EXPECT_THAT(text, StartsWith("Epoch 2/10 - 120/120 - 0s - "));
  EXPECT_THAT(text, HasSubstr("/step - loss: 0.2500 - accuracy: 5.0000e-05\n"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
}

TEST(Progress, TheBarIsFullAtTheEnd) {
  const std::string text = written(1);
  EXPECT_THAT(text, HasSubstr("120/120 ━━━━━━━━━━━━━━━━━━━━ 0s "));
  EXPECT_THAT(text, Not(HasSubstr("\r")));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
}

TEST(Progress, VerboseZeroIsSilent) { EXPECT_EQ(written(0), ""); }

}  // namespace
}  // namespace sinew::model
