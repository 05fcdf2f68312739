#include "sinew/io/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "sinew/base/error.h"
#include "sinew/io/file.h"

namespace sinew::io {
namespace {

std::vector<std::uint8_t> with_header(const std::string& header, std::size_t data_bytes) {
  std::vector<std::uint8_t> bytes(8 + header.size() + data_bytes);
  const std::uint64_t size = header.size();
  std::memcpy(bytes.data(), &size, 8);
  std::memcpy(bytes.data() + 8, header.data(), header.size());
  return bytes;
}

TEST(SafeTensors, RoundTrip) {
  const std::string path =
      (std::filesystem::temp_directory_path() / ("sinew_st_" + std::to_string(::getpid())))
          .string();
  SafeTensors file;
  file.metadata["about"] = "a \"quoted\" text";
  file.tensors.emplace_back("b", Tensor::from<float>({1.5f, -0.0f, 3e-40f}, {3}));
  file.tensors.emplace_back("a", Tensor::from<std::int64_t>({INT64_MIN, 7}, {2, 1}));
  file.tensors.emplace_back("scalar", Tensor::scalar(2.5));
  file.tensors.emplace_back("empty", Tensor(Shape{0, 4}));
  file.tensors.emplace_back("half", Tensor::full({3}, 1.5, DType::BFloat16));
  write_safetensors(path, file);
  const SafeTensors back = read_safetensors(path);
  EXPECT_EQ(back.metadata, file.metadata);
  ASSERT_EQ(back.tensors.size(), file.tensors.size());
  for (std::size_t i = 0; i < file.tensors.size(); ++i) {
    EXPECT_EQ(back.tensors[i].first, file.tensors[i].first);
    const Tensor& a = back.tensors[i].second;
    const Tensor& b = file.tensors[i].second;
    EXPECT_EQ(a.shape(), b.shape());
    EXPECT_EQ(a.dtype(), b.dtype());
    EXPECT_EQ(std::memcmp(a.raw(), b.raw(), b.bytes()), 0);
  }
  EXPECT_THROW(back.at("absent"), FileError);

  // No prefix of the file is a file.
  const auto bytes = read_file(path);
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_THROW(parse_safetensors(std::span(bytes).first(length), path), FileError) << length;
  }
  std::filesystem::remove(path);
}

TEST(SafeTensors, RefusesBadHeaders) {
  struct Case {
    const char* header;
    std::size_t data;
    const char* said;
  };
  const std::vector<Case> cases = {
      {"[]", 0, "is not a safetensors file: the header does not begin with '{'"},
      {"{", 0, "not JSON"},
      {R"({"a":{"dtype":"F32","shape":[2]}})", 8, "lacks"},
      {R"({"a":{"dtype":"F99","shape":[2],"data_offsets":[0,8]}})", 8, "dtype F99"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,9]}})", 9, "needs 8 bytes"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})", 8, "lies at bytes"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 4, "lies at bytes"},
      {R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})", 8, "whole number"},
      {R"({"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}})", 8, "whole number"},
      {R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", 0,
       "overflows"},
      {R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}})",
       6, "ends at 4"},
      {R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[1],"data_offsets":[5,6]}})",
       6, "ends at 4"},
      {R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})", 6, "holds 6"},
      {R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
       2, "twice"},
      {R"({"__metadata__":{"x":3}})", 0, "not a text"},
      {R"({"__metadata__":"x"})", 0, "string, not an object"},
      {R"({"__metadata__":["x"]})", 0, "array, not an object"},
  };
  for (const Case& c : cases) {
    try {
      parse_safetensors(with_header(c.header, c.data), "file.safetensors");
      ADD_FAILURE() << "accepted " << c.header;
    } catch (const FileError& error) {
      EXPECT_THAT(error.what(), testing::AllOf(testing::HasSubstr("file.safetensors"),
                                               testing::HasSubstr(c.said)));
    }
  }
  std::vector<std::uint8_t> huge(16, 0xff);
  EXPECT_THROW(parse_safetensors(huge, "f"), FileError);
}

TEST(SafeTensors, SaysOfAnotherFormatThatItIsAnother) {
  const std::string table = "a,b,class\n1,2,3\n";
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(table.data()), table.size());
  EXPECT_THAT([&] { parse_safetensors(bytes, "t.csv"); },
              testing::ThrowsMessage<FileError>(
                  testing::HasSubstr("t.csv: is not a safetensors file: its first 8 bytes")));
}

TEST(SafeTensors, RefusesBooleansOfOtherBytes) {
  auto bytes = with_header(R"({"a":{"dtype":"BOOL","shape":[3],"data_offsets":[0,3]}})", 3);
  bytes[bytes.size() - 1] = 1;
  EXPECT_EQ(parse_safetensors(bytes, "f").at("a").at(2), 1.0);
  bytes[bytes.size() - 1] = 2;
  EXPECT_THAT([&] { parse_safetensors(bytes, "f"); },
              testing::ThrowsMessage<FileError>(testing::HasSubstr("element 2 is 2")));
}

TEST(SafeTensors, WritesNothingThatCannotBeReadBack) {
  const std::string path = (std::filesystem::temp_directory_path() / "sinew_st_refused").string();
  const auto write = [&](const std::string& name, const std::string& text) {
    SafeTensors file;
    file.metadata["about"] = text;
    file.tensors = {{"a", Tensor(Shape{2})}, {name, Tensor(Shape{2})}};
    write_safetensors(path, file);
  };
  EXPECT_THAT([&] { write("a", ""); },
              testing::ThrowsMessage<ValueError>(testing::HasSubstr("two tensors are named 'a'")));
  EXPECT_THAT([&] { write("__metadata__", ""); },
              testing::ThrowsMessage<ValueError>(testing::HasSubstr("no tensor may be named")));
  EXPECT_THAT([&] { write("b", "\xff"); },
              testing::ThrowsMessage<ValueError>(testing::HasSubstr("not UTF-8")));
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(SafeTensors, LooksAtTheHeaderBeforeItTakesMemoryForTheRest) {
  const std::string path =
      (std::filesystem::temp_directory_path() / ("sinew_sparse_" + std::to_string(::getpid())))
          .string();
  constexpr std::uintmax_t kTerabyte = std::uintmax_t{1} << 40;
  // Zeros announce an empty header.
  std::ofstream(path) << "";
  std::filesystem::resize_file(path, kTerabyte);
  EXPECT_THAT([&] { read_safetensors(path); },
              testing::ThrowsMessage<FileError>(
                  testing::AllOf(testing::HasSubstr(path), testing::HasSubstr("'{'"))));
  // A header that belongs to a small file, and one that takes the file at its word.
  const auto begin = [&](const std::string& header, std::uintmax_t size) {
    const auto bytes = with_header(header, 0);
    write_file(path, std::string(bytes.begin(), bytes.end()));
    std::filesystem::resize_file(path, bytes.size() + size);
  };
  begin(R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}})", kTerabyte);
  EXPECT_THAT([&] { read_safetensors(path); },
              testing::ThrowsMessage<FileError>(testing::HasSubstr("the tensors take 4 bytes")));
  begin(R"({"a": {"dtype": "U8", "shape": [8796093022208], "data_offsets": [0, 8796093022208]}})",
        8 * kTerabyte);
  EXPECT_THAT([&] { read_safetensors(path); },
              testing::ThrowsMessage<FileError>(
                  testing::AllOf(testing::HasSubstr(path), testing::HasSubstr("cannot allocate"))));
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace sinew::io
