#include "sinew/data/idx.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <filesystem>

#include "sinew/base/error.h"
#include "sinew/io/file.h"

namespace sinew::data {
namespace {

const std::vector<std::uint8_t> kSmall = {0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6};

TEST(Idx, ParsesBytes) {
  const Tensor tensor = parse_idx(kSmall, "f");
  EXPECT_EQ(tensor.shape(), (Shape{2, 3}));
  EXPECT_EQ(tensor.dtype(), DType::UInt8);
  EXPECT_EQ(tensor.at(5), 6);
}

TEST(Idx, ParsesBigEndianNumbers) {
  const Tensor tensor =
      parse_idx(std::vector<std::uint8_t>{0, 0, 0x0C, 1, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xfe}, "f");
  EXPECT_EQ(tensor.at(0), -2);
}

TEST(Idx, RefusesEveryPrefixAndEveryExtension) {
  for (std::size_t length = 0; length < kSmall.size(); ++length) {
    EXPECT_THROW(parse_idx(std::span(kSmall).first(length), "f"), FileError) << length;
  }
  auto longer = kSmall;
  longer.push_back(0);
  EXPECT_THROW(parse_idx(longer, "f"), FileError);
}

TEST(Idx, ErrorsNameFileAndByte) {
  const std::vector<std::pair<std::vector<std::uint8_t>, std::string>> cases = {
      {{1, 0, 8, 1, 0, 0, 0, 0}, "byte 0"},
      {{0, 0, 9, 1, 0, 0, 0, 0}, "byte 2"},
      {{0, 0, 8, 0, 0, 0, 0, 0}, "byte 3"},
      {{0, 0, 8, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255}, "overflows"},
  };
  for (const auto& [bytes, said] : cases) {
    try {
      parse_idx(bytes, "images.idx");
      ADD_FAILURE() << said;
    } catch (const FileError& error) {
      EXPECT_THAT(error.what(),
                  testing::AllOf(testing::HasSubstr("images.idx"), testing::HasSubstr(said)));
    }
  }
}

TEST(Idx, ReadsGzipAndRefusesDamage) {
  const std::string path =
      (std::filesystem::temp_directory_path() / ("sinew_idx_" + std::to_string(::getpid()) + ".gz"))
          .string();
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, kSmall.data(), static_cast<unsigned>(kSmall.size()));
  gzclose(file);
  EXPECT_EQ(read_idx(path).at(2), 3);
  auto bytes = io::read_file(path);
  io::write_file(path, std::string(bytes.begin(), bytes.end()) + "more");
  EXPECT_THAT([&] { read_idx(path); }, testing::ThrowsMessage<FileError>(testing::HasSubstr(path)));
  bytes.resize(bytes.size() - 9);
  io::write_file(path, std::string(bytes.begin(), bytes.end()));
  EXPECT_THROW(read_idx(path), FileError);
  // Announces four gigabytes in a few bytes.
  io::write_file(path, std::string({0, 0, 8, 2, 0, 1, 0, 0, 0, 1, 0, 0, 7}));
  EXPECT_THROW(read_idx(path), FileError);
  std::filesystem::remove(path);
  EXPECT_THROW(read_idx(path), FileError);
}

TEST(Idx, SaysHowMuchIsMissing) {
  const std::string path =
      (std::filesystem::temp_directory_path() / ("sinew_idx_short_" + std::to_string(::getpid())))
          .string();
  for (const auto& [missing, said] :
       {std::pair(1, "needs 1 more byte"), std::pair(2, "needs 2 more bytes")}) {
    io::write_file(path, std::string(kSmall.begin(), kSmall.end() - missing));
    EXPECT_THAT([&] { read_idx(path); },
                testing::ThrowsMessage<FileError>(testing::EndsWith(said)));
  }
  std::filesystem::remove(path);
}

TEST(Idx, ImagesOfBothPartsHaveOneSize) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("sinew_idx_sizes_" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  const auto write = [&](const std::string& name, std::vector<char> extents) {
    std::string text({0, 0, 8, static_cast<char>(extents.size())});
    std::size_t count = 1;
    for (char extent : extents) {
      text += std::string(3, '\0') + extent;
      count *= static_cast<std::size_t>(extent);
    }
    io::write_file((folder / name).string(), text + std::string(count, '\1'));
  };
  const auto load = [&](char train_width, char test_width) {
    write("train-images-idx3-ubyte", {2, 4, train_width});
    write("t10k-images-idx3-ubyte", {2, 4, test_width});
    load_idx_dataset(folder.string(), Pixels::UnitRange);
  };
  write("train-labels-idx1-ubyte", {2});
  write("t10k-labels-idx1-ubyte", {2});
  EXPECT_NO_THROW(load(5, 5));
  EXPECT_THAT([&] { load(5, 6); },
              testing::ThrowsMessage<FileError>(
                  testing::AllOf(testing::HasSubstr("t10k-images-idx3-ubyte: holds images "
                                                    "of 4 x 6 pixels"),
                                 testing::HasSubstr("train-images-idx3-ubyte images of 4 x 5"))));
  EXPECT_THAT([&] { load(0, 0); },
              testing::ThrowsMessage<FileError>(testing::AllOf(
                  testing::HasSubstr("train-images-idx3-ubyte"),
                  testing::HasSubstr("t10k-images-idx3-ubyte: hold images of 4 x 0 pixels"))));
  std::filesystem::remove_all(folder);
}

TEST(Idx, FashionMnist) {
  if (!std::filesystem::exists("/usr/share/datasets/fashion-mnist")) {
    GTEST_SKIP() << "Debian's package dataset-fashion-mnist is not installed";
  }
  const ImageDataset set = fashion_mnist();
  EXPECT_EQ(set.x_train.shape(), (Shape{60000, 28, 28}));
  EXPECT_EQ(set.y_test.shape(), Shape{10000});
  EXPECT_EQ(set.y_train.at(0), 9);
  const Tensor scaled = fashion_mnist(Pixels::UnitRange).x_test;
  const Tensor wanted = to_unit_range(set.x_test);
  for (std::int64_t i = 0; i < wanted.numel(); i += 997) ASSERT_EQ(scaled.at(i), wanted.at(i)) << i;
}

}  // namespace
}  // namespace sinew::data
