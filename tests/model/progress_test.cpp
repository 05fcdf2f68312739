#include "model/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <regex>

#include "sinew/model/arguments.h"

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

/// What a terminal of so many columns is sent.
std::string on_a_terminal(unsigned short columns, const std::function<void(Progress&)>& body) {
  int master = -1, slave = -1;
  winsize size{.ws_row = 24, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
  ::setenv("TERM", "xterm", 1);
  EXPECT_EQ(::openpty(&master, &slave, nullptr, nullptr, &size), 0);
  std::FILE* file = ::fdopen(slave, "w");
  Progress progress(kVerboseAuto, file);
  body(progress);
  // What was sent comes in pieces; after the last one reading fails.
  std::fclose(file);
  std::string text;
  char piece[4096];
  for (ssize_t got; (got = ::read(master, piece, sizeof(piece))) > 0;)
    text.append(piece, static_cast<std::size_t>(got));
  ::close(master);
  return text;
}

std::string without_colours(std::string text) {
  return std::regex_replace(text, std::regex("\033\\[[0-9]*[mK]"), "");
}

TEST(Progress, ATerminalSeesTheBarGrow) {
  Logs logs;
  logs.set("loss", 0.25);
  const std::string text = on_a_terminal(80, [&](Progress& progress) {
    progress.begin_epoch(0, 2);
    progress.begin_steps(4);
    progress.step(2, logs);
    progress.end(logs);
  });
  EXPECT_THAT(text, HasSubstr("\r\033[1m2/4\033[0m \033[32m━━━━━━━━━━\033[0m\033[37m━"));
  EXPECT_THAT(without_colours(text), HasSubstr("\r2/4 ━━━━━━━━━━━━━━━━━━━━ 0s "));
  EXPECT_THAT(text, HasSubstr("/step - loss: 0.2500\033[K"));
}

TEST(Progress, ANarrowTerminalIsNotOverrun) {
  Logs logs;
  for (const char* name : {"loss", "accuracy", "a_metric_with_a_long_name"}) logs.set(name, 0.25);
  const std::string text = on_a_terminal(60, [&](Progress& progress) {
    progress.begin_steps(4);
    progress.step(2, logs);
  });
  EXPECT_THAT(text, HasSubstr("loss: 0.2500"));
  EXPECT_THAT(text, Not(HasSubstr("long_name")));
  int columns = 0;
  for (const char byte : without_colours(text)) columns += (byte & 0xc0) != 0x80 && byte != '\r';
  EXPECT_LT(columns, 60);
}

TEST(Progress, DataOfUnknownLengthAreCounted) {
  const std::string text = on_a_terminal(80, [&](Progress& progress) {
    progress.begin_steps(Progress::kUnknownSteps);
    progress.step(3, {});
    progress.end({});
  });
  EXPECT_THAT(without_colours(text), HasSubstr("\r      3/Unknown 0s "));
  EXPECT_THAT(without_colours(text), HasSubstr("\r3/3 ━━━━━━━━━━━━━━━━━━━━ 0s "));
}

TEST(Progress, VerboseZeroIsSilent) { EXPECT_EQ(written(0), ""); }

}  // namespace
}  // namespace sinew::model
