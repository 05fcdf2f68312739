#include "io/zip.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <cstring>

#include "model/small_models.h"
#include "sinew/base/error.h"
#include "sinew/io/file.h"

namespace sinew::io {
namespace {

using ::testing::HasSubstr;
using Bytes = std::vector<std::uint8_t>;

std::span<const std::uint8_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string text_of(const ZipFile::Contents& contents) {
  return {contents.bytes.begin(), contents.bytes.end()};
}

/// A zip file with one entry as write_zip makes it.
Bytes zip_with(const std::string& name, const std::string& contents) {
  const testing::TemporaryFile file("one.zip");
  write_zip(file.path(), {{name, {bytes_of(contents)}}});
  return read_file(file.path());
}

void put(Bytes& bytes, std::size_t at, std::uint32_t value) {
  std::memcpy(bytes.data() + at, &value, 4);
}

std::string refusal(const Bytes& bytes, const std::string& name, std::uint64_t limit = 1 << 20) {
  return testing::message_of<FileError>([&] { ZipFile(bytes, "FILE").read(name, limit); });
}

constexpr std::size_t kLocal = 30, kDirectory = 46, kEnd = 22;

/// The directory's entry of a file with one.
std::size_t entry_of(const Bytes& bytes, const std::string& name) {
  return bytes.size() - kEnd - kDirectory - name.size();
}

TEST(Zip, EntriesComeBackFromTheirPieces) {
  const testing::TemporaryFile file("pieces.zip");
  const std::string a = "first, ", b = "second";
  write_zip(file.path(), {{"ab", {bytes_of(a), {}, bytes_of(b)}}, {"none", {}}});
  const Bytes bytes = read_file(file.path());
  EXPECT_TRUE(is_zip(bytes));
  const ZipFile zip(bytes, "FILE");
  EXPECT_EQ(text_of(zip.read("ab", 100)), "first, second");
  EXPECT_EQ(text_of(zip.read("none", 0)), "");
  EXPECT_TRUE(zip.has("none"));
  EXPECT_FALSE(zip.has("nothing"));
  EXPECT_THAT(refusal(bytes, "nothing"), HasSubstr("FILE: holds no 'nothing'"));
  EXPECT_THAT(refusal(bytes, "ab", 12), HasSubstr("'ab' has 13 bytes; at most 12 are read"));
}

/// The same entry deflated.
Bytes deflated(const std::string& name, const std::string& contents, std::uint32_t claimed) {
  Bytes packed(compressBound(contents.size()) + 64);
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(contents.data()));
  stream.avail_in = static_cast<uInt>(contents.size());
  stream.next_out = packed.data();
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  Bytes bytes = zip_with(name, std::string(packed.begin(), packed.end()));
  const std::size_t entry = entry_of(bytes, name);
  bytes[entry + 10] = 8;
  put(bytes, entry + 16,
      static_cast<std::uint32_t>(crc32_z(0, bytes_of(contents).data(), contents.size())));
  put(bytes, entry + 24, claimed);
  return bytes;
}

TEST(Zip, DeflatedEntriesAreUnpacked) {
  const std::string text = "weights and weights and weights and biases";
  const auto size = static_cast<std::uint32_t>(text.size());
  EXPECT_EQ(text_of(ZipFile(deflated("a", text, size), "FILE").read("a", 100)), text);
  EXPECT_THAT(refusal(deflated("a", text, size + 1), "a"), HasSubstr("cannot be unpacked"));
  EXPECT_THAT(refusal(deflated("a", text, size - 1), "a"), HasSubstr("cannot be unpacked"));
}

TEST(Zip, BombsAreRefusedBeforeTheyAreUnpacked) {
  const std::string zeros(1 << 20, '\0');
  EXPECT_THAT(refusal(deflated("a", zeros, 1 << 20), "a", SIZE_MAX),
              HasSubstr("'a' would unpack to 1048576 bytes from"));
  EXPECT_THAT(refusal(deflated("a", "small", 0xfffffff0), "a", SIZE_MAX),
              HasSubstr("more than 100 times as many is refused"));
}

TEST(Zip, NamesThatLeadOutAreRefused) {
  for (const char* name : {"/etc/passwd", "../a", "a/../../b", "..", "a/..", "a\\b", ""}) {
    EXPECT_THAT(refusal(zip_with(name, "x"), "a"), HasSubstr("would lie outside")) << name;
  }
  EXPECT_EQ(text_of(ZipFile(zip_with("a/..b/c", "x"), "FILE").read("a/..b/c", 9)), "x");
  const testing::TemporaryFile file("twice.zip");
  write_zip(file.path(), {{"a", {}}, {"a", {}}});
  EXPECT_THAT(refusal(read_file(file.path()), "a"), HasSubstr("holds 'a' twice"));
}

TEST(Zip, DamageIsFound) {
  const Bytes whole = zip_with("a", "contents");
  const auto with = [&](std::size_t at, std::uint8_t byte) {
    Bytes bytes = whole;
    bytes[at] = byte;
    return refusal(bytes, "a");
  };
  const std::size_t entry = entry_of(whole, "a"), end = whole.size() - kEnd;
  EXPECT_THAT(with(kLocal + 1, 'X'), HasSubstr("'a' is damaged: its checksum is wrong"));
  EXPECT_THAT(with(0, 'X'), HasSubstr("is not a zip file"));
  EXPECT_THAT(with(entry, 'X'), HasSubstr("entry 0 of 1 of its zip directory is damaged"));
  EXPECT_THAT(with(entry + 8, 1), HasSubstr("'a' is encrypted"));
  EXPECT_THAT(with(entry + 10, 12), HasSubstr("is packed by method 12"));
  EXPECT_THAT(with(entry + 20, 200), HasSubstr("'a' would lie at bytes"));
  EXPECT_THAT(with(entry + 24, 200), HasSubstr("'a' has 8 bytes of 200"));
  EXPECT_THAT(with(entry + 28, 200), HasSubstr("cut short"));
  EXPECT_THAT(with(entry + 42, 3), HasSubstr("does not begin at byte 3"));
  EXPECT_THAT(with(end + 10, 2), HasSubstr("entry 1 of 2"));
  EXPECT_THAT(with(end + 16, 1), HasSubstr("not where the file's end says"));
  for (std::size_t size = 0; size < whole.size(); ++size)
    refusal(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)), "a");
}

TEST(Zip, TheSameBytesForTheSameContents) {
  EXPECT_EQ(zip_with("a", "contents"), zip_with("a", "contents"));
}

}  // namespace
}  // namespace sinew::io
