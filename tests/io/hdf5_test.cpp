#include "io/hdf5.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/zip.h"
#include "paths.h"
#include "sinew/base/error.h"
#include "sinew/base/philox.h"
#include "sinew/io/file.h"

namespace sinew::io {
namespace {

using ::testing::HasSubstr;
using Bytes = std::vector<std::uint8_t>;

/// A file that tests/io/hdf5/make_files.py wrote with h5py.
Bytes from_h5py(const std::string& name) {
  static const Bytes archive = read_file(paths::source() + "/tests/io/hdf5/files.zip");
  const ZipFile::Contents contents = ZipFile(archive, "files.zip").read(name + ".h5", 1 << 20);
  return {contents.bytes.begin(), contents.bytes.end()};
}

const Tensor& find(const NamedTensors& tensors, const std::string& path) {
  for (const auto& [name, tensor] : tensors) {
    if (name == path) return tensor;
  }
  throw ValueError("no " + path);
}

Bytes joined(const Hdf5Image& image) {
  Bytes bytes;
  for (const auto& piece : image.pieces) bytes.insert(bytes.end(), piece.begin(), piece.end());
  return bytes;
}

std::string refusal(const Bytes& bytes) {
  try {
    parse_hdf5(bytes, "FILE");
  } catch (const FileError& error) {
    EXPECT_THAT(error.what(), ::testing::StartsWith("FILE: "));
    return error.what();
  }
  ADD_FAILURE() << "was read";
  return {};
}

TEST(Hdf5, TypesOfH5py) {
  const NamedTensors tensors = parse_hdf5(from_h5py("types"), "types");
  EXPECT_EQ(tensors.size(), 8u);
  const double numbers[] = {1, 2, 3, 4, 5, 100};
  for (const char* dtype : {"float32", "float64", "int32", "int64", "uint8", "bfloat16"}) {
    const Tensor& tensor = find(tensors, std::string("group/") + dtype);
    EXPECT_EQ(name_of(tensor.dtype()), dtype);
    EXPECT_EQ(tensor.shape(), (Shape{2, 3}));
    for (int i = 0; i < 6; ++i) EXPECT_EQ(tensor.at(i), numbers[i]) << dtype;
  }
  const Tensor& truths = find(tensors, "group/bool");
  EXPECT_EQ(truths.dtype(), DType::Bool);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(truths.at(i), numbers[i] > 3);
  EXPECT_EQ(find(tensors, "scalar").shape(), Shape{});
  EXPECT_EQ(find(tensors, "scalar").at(0), 0.5);
}

TEST(Hdf5, GroupsOfManyMembers) {
  const NamedTensors tensors = parse_hdf5(from_h5py("many"), "many");
  ASSERT_EQ(tensors.size(), 300u);
  for (int i = 0; i < 300; ++i)
    EXPECT_EQ(find(tensors, "vars/" + std::to_string(i)).at(0), static_cast<double>(i));
}

TEST(Hdf5, WritesWhatItReads) {
  NamedTensors tensors;
  for (int i = 0; i < 500; ++i)
    tensors.emplace_back("layers/a/vars/" + std::to_string(i), Tensor::full({3}, i));
  for (DType dtype : {DType::Float32, DType::Float64, DType::Int32, DType::Int64, DType::UInt8})
    tensors.emplace_back("types/" + std::string(name_of(dtype)), Tensor::full({2, 1}, 7, dtype));
  tensors.emplace_back("scalar", Tensor::scalar(2.5f));
  const Bytes bytes = joined(make_hdf5(tensors));
  EXPECT_TRUE(is_hdf5(bytes));
  const NamedTensors read = parse_hdf5(bytes, "written");
  ASSERT_EQ(read.size(), tensors.size());
  for (const auto& [path, tensor] : tensors) {
    const Tensor& found = find(read, path);
    EXPECT_EQ(found.shape(), tensor.shape());
    EXPECT_EQ(found.dtype(), tensor.dtype());
    for (std::int64_t i = 0; i < tensor.numel(); ++i) EXPECT_EQ(found.at(i), tensor.at(i));
  }
  EXPECT_TRUE(parse_hdf5(joined(make_hdf5({})), "none").empty());
  const Tensor one = Tensor::scalar(1.0f);
  EXPECT_THROW(make_hdf5({{"a", one}, {"a", one}}), ValueError);
  EXPECT_THROW(make_hdf5({{"a", one}, {"a/b", one}}), ValueError);
  EXPECT_THROW(make_hdf5({{"a/b", one}, {"a", one}}), ValueError);
  EXPECT_THROW(make_hdf5({{"a//b", one}}), ValueError);
}

TEST(Hdf5, WhatKerasNeverWritesIsRefused) {
  const std::pair<const char*, const char*> cases[] = {
      {"float16", "'/a': has elements of class 1 with 2 bytes"},
      {"big_endian", "little-endian float32"},
      {"text", "has elements of class 9"},
      {"empty", "has the shape (0, 3)"},
      {"unwritten", "was never written"},
      {"chunked", "'/a': lies in chunks"},
      {"bomb", "is compressed"},
      {"virtual", "is a virtual dataset"},
      {"external_data", "lies in another file, which is not opened"},
      {"soft_link", "'/a': is a soft link, which is not followed"},
      {"external_link", "HDF5's newer format"},
      {"hard_link", "is reached twice"},
      {"cycle", "is reached twice"},
      {"deep", "groups are nested more than 32 deep"},
      {"latest", "HDF5's newer format"},
      {"ordered", "HDF5's newer format"},
      {"user_block", "is not an HDF5 file"},
  };
  for (const auto& [name, message] : cases)
    EXPECT_THAT(refusal(from_h5py(name)), HasSubstr(message)) << name;
}

TEST(Hdf5, ShapesAreCheckedBeforeMemoryIsTaken) {
  Bytes bytes = joined(make_hdf5({{"a", Tensor({3, 5})}}));
  const std::uint64_t dims[] = {3, 5};
  const auto* pattern = reinterpret_cast<const std::uint8_t*>(dims);
  const auto at = std::search(bytes.begin(), bytes.end(), pattern, pattern + sizeof(dims));
  ASSERT_NE(at, bytes.end());
  *(at + 5) = 1;
  EXPECT_THAT(refusal(bytes), HasSubstr("'/a': has the shape (1099511627779, 5)"));
  std::fill(at, at + sizeof(dims), 0xff);
  EXPECT_THAT(refusal(bytes), HasSubstr("more than the"));
}

TEST(Hdf5, CutShortItIsRefused) {
  for (const char* name : {"types", "deep"}) {
    const Bytes bytes = from_h5py(name);
    for (std::size_t size = 0; size < bytes.size(); size += 7)
      refusal(Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)));
  }
}

/// Whatever a few wrong bytes do, they end in tensors no larger than the file, or in a FileError.
TEST(Hdf5, DamagedAnywhereItIsReadOrRefused) {
  PhiloxStream random(7, 0);
  for (const Bytes& whole :
       {from_h5py("types"),
        joined(make_hdf5({{"a/b", Tensor({4})}, {"a/c", Tensor({2, 2})}, {"d", Tensor({1})}}))}) {
    for (int round = 0; round < 5000; ++round) {
      Bytes bytes = whole;
      for (int change = 0; change < 1 + round % 4; ++change)
        bytes[random.next_u64() % bytes.size()] = static_cast<std::uint8_t>(random.next_u64());
      try {
        std::size_t total = 0;
        for (const auto& [path, tensor] : parse_hdf5(bytes, "FILE")) total += tensor.bytes();
        EXPECT_LE(total, bytes.size());
      } catch (const FileError&) {
      }
    }
  }
}

}  // namespace
}  // namespace sinew::io
