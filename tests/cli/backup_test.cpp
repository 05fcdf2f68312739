// A run that is killed, and started again by the same command.

#include <signal.h>
#include <spawn.h>

#include <chrono>
#include <thread>
#include <vector>

#include "cli/cli_fixture.h"

extern char** environ;

namespace sinew {
namespace {

class Backup : public Cli {
 protected:
  std::vector<std::string> train(const std::string& out) const {
    return {paths::build() + "/bin/sinew",
            "train",
            "--quiet",
            "--model",
            "mlp",
            "--data",
            path("table.csv"),
            "--epochs",
            "60",
            "--batch-size",
            "4",
            "--validation-split",
            "0.2",
            "--seed",
            "7",
            "--out",
            path(out),
            "--log",
            path(out + ".jsonl")};
  }
  std::vector<std::string> with_backup(const std::string& out) const {
    std::vector<std::string> arguments = train(out);
    arguments.insert(arguments.end(), {"--backup", path("backup"), "--checkpoint-every", "3"});
    return arguments;
  }

  /// Runs the program for at most so long, then kills it; whether it had ended by itself.
  static bool ends_within(const std::vector<std::string>& arguments,
                          std::chrono::milliseconds time) {
    std::vector<char*> pointers;
    for (const std::string& argument : arguments)
      pointers.push_back(const_cast<char*>(argument.c_str()));
    pointers.push_back(nullptr);
    pid_t child = 0;
    EXPECT_EQ(::posix_spawn(&child, pointers[0], nullptr, nullptr, pointers.data(), environ), 0);
    int status = 0;
    const auto end = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < end) {
      if (::waitpid(child, &status, WNOHANG) == child) {
        EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
        return true;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    EXPECT_EQ(::kill(child, SIGKILL), 0);
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return !WIFSIGNALED(status);
  }
};

TEST_F(Backup, KilledRunsEndInTheSameBits) {
  using std::chrono::milliseconds;
  ASSERT_TRUE(ends_within(train("whole.safetensors"), milliseconds(600'000)));
  // Later at each try: some meet the start, some a backup's writing, some a later run's going on.
  bool ended = false;
  int killed = 0;
  for (int wait = 20; !ended && wait < 400; wait += 17) {
    ended = ends_within(with_backup("pieces.safetensors"), milliseconds(wait));
    killed += ended ? 0 : 1;
  }
  if (!ended) {
    ASSERT_TRUE(ends_within(with_backup("pieces.safetensors"), milliseconds(600'000)));
  }
  EXPECT_GE(killed, 3);
  EXPECT_EQ(read("whole.safetensors"), read("pieces.safetensors"));
  EXPECT_EQ(read("whole.safetensors.jsonl"), read("pieces.safetensors.jsonl"));
  EXPECT_FALSE(std::filesystem::exists(path("backup")));
}

TEST_F(Backup, ATableIsLoggedAsItIsAsked) {
  const std::string train = "train --quiet --model mlp --epochs 2 --data " + path("table.csv");
  ASSERT_EQ(run(train + " --log " + path("log.csv")).code, 0);
  EXPECT_EQ(read("log.csv").substr(0, 20), "epoch,accuracy,loss\n");
}

}  // namespace
}  // namespace sinew
