#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <string>

#include "paths.h"
#include "sinew/io/file.h"

namespace sinew {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif
#else
inline constexpr bool kSanitized = false;
#endif

/// What a run of the program left.
struct Outcome {
  int code = -1;
  std::string output;
  std::string errors;
};

/// Runs the program in a folder of its own, which holds a small table.
class Cli : public testing::Test {
 protected:
  Cli() {
    folder_ = std::filesystem::temp_directory_path() /
              ("sinew_cli_" + std::to_string(::getpid()) +
               testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
    std::string table = "a,b,class\n";
    for (int i = 0; i < 60; ++i) {
      const bool first = i % 2 == 0;
      table += std::to_string(first ? 1.0 + 0.01 * i : -1.0 - 0.02 * i) + "," +
               std::to_string(first ? 0.5 : -0.4) + "," + (first ? "yes" : "no") + "\n";
    }
    write("table.csv", table);
  }
  ~Cli() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  void write(const std::string& name, const std::string& text) const {
    io::write_file(path(name), text);
  }
  std::string read(const std::string& name) const {
    const auto bytes = io::read_file(path(name));
    return {bytes.begin(), bytes.end()};
  }

  Outcome run(const std::string& arguments) const {
    const std::string command = paths::build() + "/bin/sinew " + arguments + " 2>" + path("errors");
    std::FILE* pipe = ::popen(command.c_str(), "r");
    Outcome result;
    char buffer[4096];
    for (std::size_t got; (got = std::fread(buffer, 1, sizeof(buffer), pipe)) > 0;)
      result.output.append(buffer, got);
    const int status = ::pclose(pipe);
    result.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    result.errors = read("errors");
    return result;
  }

  std::filesystem::path folder_;
};

}  // namespace sinew
