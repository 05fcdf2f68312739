#include "sinew/io/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <functional>

#include "sinew/base/error.h"

namespace sinew::io {
namespace {

std::string text_of(const std::string& path) {
  const auto bytes = read_file(path);
  return {bytes.begin(), bytes.end()};
}

class FileTest : public testing::Test {
 protected:
  FileTest() {
    folder_ = std::filesystem::temp_directory_path() /
              ("sinew_file_" + std::to_string(::getpid()) +
               testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
    path_ = (folder_ / "model").string();
  }
  ~FileTest() override {
    system_calls() = original_;
    std::filesystem::remove_all(folder_);
  }
  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(folder_), {}));
  }

  const SystemCalls original_ = system_calls();
  std::filesystem::path folder_;
  std::string path_;
};

TEST_F(FileTest, WritesAndReplaces) {
  write_file(path_, "one");
  EXPECT_EQ(text_of(path_), "one");
  write_file(path_, "two");
  EXPECT_EQ(text_of(path_), "two");
  EXPECT_EQ(files(), 1u);
}

TEST_F(FileTest, EveryFailingCallLeavesTheOldFileWhole) {
  struct Failure {
    const char* call;
    std::function<void(SystemCalls&)> plant;
  };
  const std::vector<Failure> failures = {
      {"open",
       [](SystemCalls& c) {
         c.open = [](const char*, int, unsigned) { return errno = EACCES, -1; };
       }},
      {"write",
       [](SystemCalls& c) {
         c.write = [](int, const void*, std::size_t) { return errno = ENOSPC, ssize_t{-1}; };
       }},
      {"fsync", [](SystemCalls& c) { c.fsync = [](int) { return errno = EIO, -1; }; }},
      {"close",
       [](SystemCalls& c) { c.close = [](int d) { return ::close(d), errno = EIO, -1; }; }},
      {"rename",
       [](SystemCalls& c) {
         c.rename = [](const char*, const char*) { return errno = EXDEV, -1; };
       }},
  };
  write_file(path_, "old");
  for (const Failure& failure : failures) {
    failure.plant(system_calls());
    EXPECT_THROW(
        {
          try {
            write_file(path_, "new");
          } catch (const FileError& error) {
            EXPECT_THAT(error.what(), testing::HasSubstr(path_)) << failure.call;
            throw;
          }
        },
        FileError)
        << failure.call;
    system_calls() = original_;
    EXPECT_EQ(text_of(path_), "old") << failure.call;
    EXPECT_EQ(files(), 1u) << failure.call << " left a temporary file";
  }
}

TEST_F(FileTest, FullDiskSaysSo) {
  // The device that is always full stands for the disk: the bytes of the temporary file go there.
  system_calls().write = [](int, const void*, std::size_t) { return errno = ENOSPC, ssize_t{-1}; };
  try {
    write_file(path_, "new");
    FAIL();
  } catch (const FileError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("No space left on device"));
  }
}

TEST_F(FileTest, KilledAtAnyMomentTheFileIsWhole) {
  const std::string a(100000, 'a');
  const std::string b(100000, 'b');
  write_file(path_, a);
  for (int round = 0; round < 20; ++round) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      for (;;) {
        write_file(path_, b);
        write_file(path_, a);
      }
    }
    ::usleep(static_cast<useconds_t>(500 + 370 * round));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    const std::string found = text_of(path_);
    EXPECT_TRUE(found == a || found == b) << "round " << round << ": " << found.size() << " bytes";
  }
}

TEST_F(FileTest, ReadRefusesWhatIsTooLargeOrAbsent) {
  write_file(path_, "12345");
  EXPECT_THROW(read_file(path_, 4), FileError);
  EXPECT_THROW(read_file(path_ + ".absent"), FileError);
  EXPECT_THROW(read_file(folder_.string()), FileError);
}

}  // namespace
}  // namespace sinew::io
