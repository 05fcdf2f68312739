#include <fstream>

#include "data/dataset/numbers.h"
#include "model/small_models.h"
#include "sinew/io/file.h"

namespace sinew::data {
namespace {

using ::testing::HasSubstr;

/// Counts how often its elements are made.
Dataset counted(int& made) {
  return Dataset::range(0, 6).map(
      [&made](Element e) {
        ++made;
        const std::int64_t n = e[0].data<std::int64_t>()[0];
        return Element{row(Numbers(static_cast<std::size_t>(n % 3), n)),
                       Tensor::full({}, static_cast<double>(n), DType::Float32),
                       Tensor::full({1}, 1, DType::Bool)};
      },
      {.threads = 1});
}

const std::vector<Numbers> kElements{{}, {1}, {2, 2}, {}, {4}, {5, 5}};

TEST(Cache, MakesElementsOnce) {
  int made = 0;
  const Dataset set = counted(made).cache();
  for (int pass = 0; pass < 3; ++pass) EXPECT_EQ(elements_of(set), kElements);
  EXPECT_EQ(made, 6);
}

TEST(Cache, APassThatWasLeftEarlyIsNotKept) {
  int made = 0;
  const Dataset set = counted(made).cache();
  Element element;
  ASSERT_TRUE(set.open()->next(element));
  EXPECT_EQ(elements_of(set), kElements);
  EXPECT_EQ(made, 7);
}

TEST(CacheFile, IsReadByLaterPasses) {
  const sinew::testing::TemporaryFile file("elements");
  int made = 0;
  for (int program = 0; program < 2; ++program) {
    const Dataset set = counted(made).cache(file.path());
    for (int pass = 0; pass < 2; ++pass) {
      EXPECT_EQ(elements_of(set), kElements);
      std::int64_t number = 0;
      for (const Element& element : set) {
        EXPECT_EQ(element[1].data<float>()[0], static_cast<float>(number++));
        EXPECT_TRUE(element[2].data<bool>()[0]);
      }
    }
    const auto stream = set.open();
    EXPECT_EQ(stream->skip(4), 4);
    EXPECT_EQ(rest_of(*stream), (std::vector<Numbers>{{4}, {5, 5}}));
  }
  EXPECT_EQ(made, 6);
}

TEST(CacheFile, IsWrittenWholeOrNotAtAll) {
  const sinew::testing::TemporaryFile file("elements");
  int made = 0;
  Element element;
  ASSERT_TRUE(counted(made).cache(file.path()).open()->next(element));
  EXPECT_FALSE(std::ifstream(file.path()).good());
}

void overwrite(const std::string& path, const std::vector<std::uint8_t>& bytes) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

TEST(CacheFile, DamageIsRefused) {
  const sinew::testing::TemporaryFile file("elements");
  int made = 0;
  const Dataset set = counted(made).cache(file.path());
  EXPECT_EQ(elements_of(set), kElements);
  const std::vector<std::uint8_t> good = io::read_file(file.path());
  const auto read = [&](std::vector<std::uint8_t> bytes) {
    overwrite(file.path(), bytes);
    return message_of<FileError>([&] { elements_of(set); });
  };
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_THAT(read({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)}),
                HasSubstr(file.path()))
        << size;
  }
  EXPECT_THAT(read(std::vector<std::uint8_t>(100, 'x')), HasSubstr("is no cache of a data set"));
  std::vector<std::uint8_t> large = good;
  // The first extent of the first tensor, after the magic, a count, a type's name and a rank.
  large[8 + 8 + 16 + 8 + 6] = 0x40;
  EXPECT_THAT(read(large), HasSubstr("larger than the file, at byte 48: delete it"));
  for (std::size_t at = 8; at < good.size(); ++at) {
    std::vector<std::uint8_t> other = good;
    other[at] ^= 0xFF;
    // Damaged, or another number: never more memory than the file is long.
    overwrite(file.path(), other);
    message_of<FileError>([&] {
      const auto stream = set.open();
      Element element;
      while (stream->next(element)) EXPECT_LE(element[0].bytes(), good.size());
    });
  }
}

}  // namespace
}  // namespace sinew::data
