#include "sinew/io/file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>

#include "io/temporary_file.h"
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

TEST_F(FileTest, ALeftoverDoesNotStandInTheWayAndIsRemoved) {
  const std::string own = path_ + "." + std::to_string(::getpid());
  const std::vector<std::string> leftovers = {own + ".0.tmp", own + ".1.tmp",
                                              path_ + ".1.00ff00ff00ff00ff.tmp"};
  const std::vector<std::string> others = {path_ + ".tmp", path_ + ".old.0.tmp", path_ + ".1.x.tmp",
                                           path_ + "2.1.00ff.tmp"};
  for (const auto& names : {leftovers, others}) {
    for (const std::string& name : names) std::ofstream(name) << "half";
  }
  write_file(path_, "whole");
  EXPECT_EQ(text_of(path_), "whole");
  for (const std::string& name : leftovers) EXPECT_FALSE(std::filesystem::exists(name)) << name;
  for (const std::string& name : others) EXPECT_TRUE(std::filesystem::exists(name)) << name;
}

TEST_F(FileTest, WhatAnotherIsWritingStays) {
  TemporaryFile first(path_);
  const std::string one = "one", two = "two";
  const auto bytes = [](const std::string& text) {
    return std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  };
  first.write(bytes(one));
  TemporaryFile second(path_);
  second.write(bytes(two));
  second.replace();
  EXPECT_EQ(text_of(path_), "two");
  first.replace();
  EXPECT_EQ(text_of(path_), "one");
  EXPECT_EQ(files(), 1u);
}

TEST_F(FileTest, ATakenNameIsTriedAgain) {
  static int refused;
  static decltype(SystemCalls::open) open;
  refused = 0;
  open = original_.open;
  system_calls().open = [](const char* path, int flags, unsigned mode) {
    if ((flags & O_EXCL) && refused < 3) return ++refused, errno = EEXIST, -1;
    return open(path, flags, mode);
  };
  write_file(path_, "new");
  EXPECT_EQ(refused, 3);
  EXPECT_EQ(text_of(path_), "new");
}

TEST_F(FileTest, FindsOutBeforehandWhetherAFileCanBeWritten) {
  write_file(path_, "old");
  check_writable(path_);
  EXPECT_EQ(text_of(path_), "old");
  EXPECT_EQ(files(), 1u);
  EXPECT_THAT([&] { check_writable(path_ + "/absent"); },
              testing::ThrowsMessage<FileError>(testing::HasSubstr(path_ + "/absent")));
  EXPECT_THAT([&] { check_writable(folder_.string()); },
              testing::ThrowsMessage<FileError>(testing::HasSubstr("is a folder")));
}

TEST_F(FileTest, WhatIsNoRegularFileStaysWhatItIs) {
  struct Special {
    const char* said;
    std::string name;
  };
  std::vector<Special> specials = {{"is a pipe", path_ + ".fifo"}, {"is a pipe", path_ + ".link"}};
  ASSERT_EQ(::mkfifo(specials[0].name.c_str(), 0600), 0);
  std::filesystem::create_symlink(specials[0].name, specials[1].name);
  // Only the superuser makes devices, and not everywhere.
  const std::string null = path_ + ".null";
  if (::mknod(null.c_str(), S_IFCHR | 0600, makedev(1, 3)) == 0)
    specials.push_back({"is a device", null});
  for (const auto& [said, given] : specials) {
    const std::string name = given;
    const auto before = std::filesystem::symlink_status(name).type();
    for (const auto& attempt : {std::function<void()>([&] { check_writable(name); }),
                                std::function<void()>([&] { write_file(name, "text"); })}) {
      EXPECT_THAT(attempt, testing::ThrowsMessage<FileError>(testing::AllOf(
                               testing::HasSubstr(name + ": " + said),
                               testing::HasSubstr("which a file would replace; name a file"))));
    }
    EXPECT_EQ(std::filesystem::symlink_status(name).type(), before) << name;
  }
  EXPECT_EQ(files(), specials.size());
}

TEST_F(FileTest, SymbolicLinksStayAndLeadToTheNewFile) {
  std::filesystem::create_directories(folder_ / "there");
  const std::string link = path_ + ".link", second = path_ + ".second";
  std::filesystem::create_symlink("there/model", link);  // from the link's own folder
  std::filesystem::create_symlink(link, second);
  for (const char* text : {"new", "over it"}) {  // first the link leads nowhere
    check_writable(second);
    write_file(second, text);
    EXPECT_EQ(text_of((folder_ / "there/model").string()), text);
    EXPECT_TRUE(std::filesystem::is_symlink(link));
    EXPECT_TRUE(std::filesystem::is_symlink(second));
  }
  EXPECT_EQ(files(), 3u);
  const std::string circle = path_ + ".circle";
  std::filesystem::create_symlink(circle, circle);
  EXPECT_THAT([&] { check_writable(circle); },
              testing::ThrowsMessage<FileError>(testing::HasSubstr(circle)));
}

TEST_F(FileTest, ReadRefusesWhatIsTooLargeOrAbsent) {
  write_file(path_, "12345");
  EXPECT_THROW(read_file(path_, 4), FileError);
  EXPECT_THROW(read_file(path_ + ".absent"), FileError);
  EXPECT_THROW(read_file(folder_.string()), FileError);
}

TEST_F(FileTest, AFileLargerThanMemoryIsRefusedByName) {
  std::ofstream(path_) << "x";
  std::filesystem::resize_file(path_, std::uintmax_t{1} << 43);
  EXPECT_THAT([&] { read_file(path_); },
              testing::ThrowsMessage<FileError>(
                  testing::AllOf(testing::HasSubstr(path_), testing::HasSubstr("8796093022208"))));
}

}  // namespace
}  // namespace sinew::io
