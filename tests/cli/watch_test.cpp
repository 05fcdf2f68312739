// Live curves in the terminal.

#include <gmock/gmock.h>
#include <pty.h>
#include <signal.h>
#include <spawn.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <vector>

#include "cli/cli_fixture.h"
#include "sinew/io/summary_writer.h"

extern char** environ;

namespace sinew {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class Watch : public Cli {
 protected:
  Watch() { columns(40, 12); }
  ~Watch() override {
    ::unsetenv("COLUMNS");
    ::unsetenv("LINES");
  }
  static void columns(int count, int lines) {
    ::setenv("COLUMNS", std::to_string(count).c_str(), 1);
    ::setenv("LINES", std::to_string(lines).c_str(), 1);
  }
  static std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
  }
  static int width_of(const std::string& line) {
    int width = 0;
    for (const char byte : line) width += (byte & 0xc0) != 0x80;
    return width;
  }
};

TEST_F(Watch, DrawsATablesCurves) {
  write("log.csv", "epoch,loss,val_loss\n0,1.0,1.5\n1,0.5,1.0\n2,0.25,0.75\n3,0.1,unfinished");
  const Outcome result = run("watch --once " + path("log.csv"));
  ASSERT_EQ(result.code, 0) << result.errors;
  const auto lines = lines_of(result.output);
  ASSERT_EQ(lines.size(), 11u);
  EXPECT_EQ(lines[0], "loss  training 0.25  × validation 0.75");
  EXPECT_THAT(lines[1], StartsWith(" 1.5 ┤×"));
  EXPECT_THAT(lines[8], AllOf(StartsWith("0.25 ┤"), testing::EndsWith("⣀")));
  EXPECT_EQ(lines[10], "      1" + std::string(32, ' ') + "3");
  for (const std::string& line : lines) EXPECT_LE(width_of(line), 40) << line;
  EXPECT_THAT(result.output, Not(HasSubstr("\033"))) << "codes in a pipe";
}

TEST_F(Watch, DrawsLinesOfJson) {
  write(
      "run.jsonl",
      "{\"epoch\":0,\"accuracy\":0.5,\"loss\":null}\n{\"epoch\":1,\"accuracy\":0.75,\"loss\":2}\n");
  columns(60, 0);
  // A folder with a log in it.
  write("notes.txt", "");
  std::filesystem::remove(path("table.csv"));
  const Outcome result = run("watch " + folder_.string());
  ASSERT_EQ(result.code, 0) << result.errors;
  EXPECT_THAT(result.output, StartsWith("loss  training 2\n"));
  EXPECT_THAT(result.output, HasSubstr("\naccuracy  training 0.75\n"));
}

TEST_F(Watch, DrawsEventFiles) {
  io::SummaryWriter train(path("events/train")), validation(path("events/validation"));
  for (int epoch = 0; epoch < 3; ++epoch) {
    train.scalar("epoch_loss", 3 - epoch, epoch);
    validation.scalar("epoch_loss", 4 - epoch, epoch);
    validation.scalar("evaluation_loss_vs_iterations", 4 - epoch, epoch);
  }
  train.flush();
  validation.flush();
  const Outcome result = run("watch --once " + path("events"));
  ASSERT_EQ(result.code, 0) << result.errors;
  EXPECT_THAT(result.output, StartsWith("loss  training 1  × validation 2\n"));
  EXPECT_THAT(result.output, Not(HasSubstr("evaluation")));
}

TEST_F(Watch, AWindowThatIsSmallShowsWhatItCan) {
  write("log.csv", "epoch,accuracy,loss,learning_rate\n0,0.5,1.0,0.1\n1,0.75,0.5,0.01\n");
  columns(12, 9);
  auto lines = lines_of(run("watch " + path("log.csv")).output);
  ASSERT_EQ(lines.size(), 8u);
  EXPECT_EQ(lines[0], "loss  traini");
  EXPECT_EQ(lines[6], "accuracy  tr");
  EXPECT_EQ(lines[7], "learning_rat");
  columns(1, 3);
  lines = lines_of(run("watch " + path("log.csv")).output);
  for (const std::string& line : lines) EXPECT_LE(width_of(line), 1) << line;
}

TEST_F(Watch, FollowsWhatIsBeingWritten) {
  write("log.csv", "epoch,loss\n0,1.0\n");
  int master = -1, slave = -1;
  winsize size{.ws_row = 20, .ws_col = 50, .ws_xpixel = 0, .ws_ypixel = 0};
  ASSERT_EQ(::openpty(&master, &slave, nullptr, nullptr, &size), 0);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, slave, 1);
  ::posix_spawn_file_actions_addclose(&actions, master);
  std::vector<std::string> arguments = {paths::build() + "/bin/sinew", "watch", path("log.csv")};
  char* pointers[] = {arguments[0].data(), arguments[1].data(), arguments[2].data(), nullptr};
  pid_t child = 0;
  ASSERT_EQ(::posix_spawn(&child, pointers[0], &actions, nullptr, pointers, environ), 0);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(slave);
  const auto sees = [&](const std::string& wanted) {
    std::string seen;
    char buffer[4096];
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (seen.find(wanted) == std::string::npos && std::chrono::steady_clock::now() < end) {
      const ssize_t got = ::read(master, buffer, sizeof(buffer));
      if (got <= 0) break;
      seen.append(buffer, static_cast<std::size_t>(got));
    }
    EXPECT_THAT(seen, HasSubstr(wanted));
  };
  sees("training 1\033[0m");
  std::ofstream(path("log.csv"), std::ios::app) << "1,0.5\n";
  sees("\033[H\033[1mloss\033[0m\033[36m  training 0.5\033[0m");
  ::kill(child, SIGTERM);
  int status = 0;
  ::waitpid(child, &status, 0);
  ::close(master);
}

TEST_F(Watch, SaysWhatIsNoLog) {
  const auto refuses = [&](const std::string& arguments, const std::string& message) {
    const Outcome result = run("watch --once " + arguments);
    EXPECT_EQ(result.code, 2);
    EXPECT_THAT(result.errors, HasSubstr(message));
  };
  refuses(path("absent.csv"), "absent.csv: cannot open");
  refuses(path("table.csv"), "line 1: a log begins with the column 'epoch', not 'a,b,class'");
  write("bad.csv", "epoch,loss\n0,1\n1\n");
  refuses(path("bad.csv"), "bad.csv: line 3: 1 fields, but 2 columns");
  write("bad.csv", "epoch,loss\n0,much\n");
  refuses(path("bad.csv"), "bad.csv: line 2: 'much' is no number");
  write("bad.jsonl", "{\"epoch\":0}\n{\"epoch\":\n");
  refuses(path("bad.jsonl"), "bad.jsonl: line 2: ");
  std::filesystem::create_directories(path("empty"));
  refuses(path("empty"), "holds no log");
  std::filesystem::create_directories(path("events"));
  write("events/x.tfevents.1", std::string(16, 'x'));
  refuses(path("events"), "the record at byte 0 is damaged");
}

}  // namespace
}  // namespace sinew
