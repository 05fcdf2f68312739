#include "io/byte_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <filesystem>

#include "sinew/base/error.h"
#include "sinew/io/file.h"

namespace sinew::io {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

std::string packed(const std::string& text) {
  const std::string path =
      (std::filesystem::temp_directory_path() / ("sinew_gz_" + std::to_string(::getpid())))
          .string();
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
  gzclose(file);
  const auto bytes = read_file(path);
  std::filesystem::remove(path);
  return {bytes.begin(), bytes.end()};
}

class ByteStreamTest : public testing::Test {
 protected:
  ~ByteStreamTest() override { std::filesystem::remove(path_); }

  /// All of it, in pieces of `piece` bytes.
  std::string contents(const std::string& bytes, std::size_t piece = 1000) {
    write_file(path_, bytes);
    ByteStream stream(path_);
    std::string text;
    std::vector<std::uint8_t> buffer(piece);
    for (std::size_t got; (got = stream.read(buffer)) > 0;)
      text.append(reinterpret_cast<const char*>(buffer.data()), got);
    EXPECT_EQ(stream.offset(), text.size());
    return text;
  }

  const std::string path_ =
      (std::filesystem::temp_directory_path() / ("sinew_stream_" + std::to_string(::getpid())))
          .string();
  const std::string text_ = [] {
    std::string text(300'000, 'x');
    text += "end";
    return text;
  }();
};

TEST_F(ByteStreamTest, ReadsPlainAndPackedFilesAlike) {
  for (std::size_t piece : {std::size_t{1000}, std::size_t{1} << 20}) {
    EXPECT_EQ(contents(text_, piece), text_);
    EXPECT_EQ(contents(packed(text_), piece), text_);
    EXPECT_EQ(contents(packed(text_) + packed("more"), piece), text_ + "more");
  }
  EXPECT_EQ(contents(""), "");
  EXPECT_EQ(contents("\x1f"), "\x1f");
  EXPECT_EQ(contents(packed("")), "");
}

TEST_F(ByteStreamTest, RefusesWhatFollowsPackedData) {
  for (const char* rest : {"x", "garbage", "\x1f\x8b"}) {
    EXPECT_THAT(
        [&] { contents(packed(text_) + rest); },
        ThrowsMessage<FileError>(testing::AllOf(HasSubstr(path_), HasSubstr("is damaged after"))))
        << rest;
  }
  EXPECT_THAT([&] { contents(packed(text_) + "garbage"); },
              ThrowsMessage<FileError>(HasSubstr("something else follows the compressed data")));
}

TEST_F(ByteStreamTest, RefusesEveryPrefixAndAFlippedByte) {
  const std::string whole = packed("a text that is not long");
  for (std::size_t length = 2; length < whole.size(); ++length)
    EXPECT_THROW(contents(whole.substr(0, length)), FileError) << length;
  std::string flipped = whole;
  flipped[whole.size() - 6] ^= 1;
  EXPECT_THAT([&] { contents(flipped); },
              ThrowsMessage<FileError>(HasSubstr("incorrect data check")));
}

}  // namespace
}  // namespace sinew::io
