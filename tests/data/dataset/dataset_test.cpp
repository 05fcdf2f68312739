#include <numeric>

#include "data/dataset/numbers.h"

namespace sinew::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Element twice(Element element) { return {Tensor::scalar(2 * element[0].data<std::int64_t>()[0])}; }
bool is_odd(const Element& element) { return element[0].data<std::int64_t>()[0] % 2 == 1; }

/// Pipelines of which it is checked that size() tells the truth and skip() leaves out elements.
struct Case {
  const char* name;
  Dataset set;
  std::vector<Numbers> expected;
};

std::vector<Case> cases() {
  const Dataset five = Dataset::range(0, 5);
  const auto rows = Dataset::from_tensors({Tensor::from(Numbers{1, 2, 3, 4, 5, 6}, {3, 2})});
  const Dataset lengths = Dataset::from_generator([](Pass) {
    return [n = std::int64_t{0}]() mutable -> std::optional<Element> {
      if (n == 4) return {};
      return Element{row(Numbers(static_cast<std::size_t>(++n), n))};
    };
  });
  return {
      {"range", Dataset::range(7, 0, -3), {{7}, {4}, {1}}},
      {"empty", Dataset::range(3, 3), {}},
      {"tensors", rows, {{1, 2}, {3, 4}, {5, 6}}},
      {"generator", lengths, {{1}, {2, 2}, {3, 3, 3}, {4, 4, 4, 4}}},
      {"map", five.map(twice), {{0}, {2}, {4}, {6}, {8}}},
      {"serial_map", five.map(twice, {.threads = 1}), {{0}, {2}, {4}, {6}, {8}}},
      {"filter", five.filter(is_odd), {{1}, {3}}},
      {"batch", five.batch(2), {{0, 1}, {2, 3}, {4}}},
      {"dropped", five.batch(2, {.drop_remainder = true}), {{0, 1}, {2, 3}}},
      {"whole", five.batch(5), {{0, 1, 2, 3, 4}}},
      {"unbatch", rows.batch(2).unbatch(), {{1, 2}, {3, 4}, {5, 6}}},
      {"padded", lengths.padded_batch(3), {{1, 0, 0, 2, 2, 0, 3, 3, 3}, {4, 4, 4, 4}}},
      {"padded_to",
       lengths.take(2).padded_batch(2, {.padded_shapes = {{4}}, .padding_values = {-1}}),
       {{1, -1, -1, -1, 2, 2, -1, -1}}},
      {"bucket",
       lengths.bucket_by_length({.boundaries = {3}, .batch_sizes = {3, 1}}),
       {{3, 3, 3}, {4, 4, 4, 4}, {1, 0, 2, 2}}},
      {"window", five.window(3), {{0, 1, 2}, {1, 2, 3}, {2, 3, 4}}},
      {"strided_window", five.window(2, {.shift = 2, .stride = 2}), {{0, 2}, {2, 4}}},
      {"sparse_window", five.window(1, {.shift = 3}), {{0}, {3}}},
      {"last_windows",
       five.window(3, {.shift = 2, .drop_remainder = false}),
       {{0, 1, 2}, {2, 3, 4}, {4}}},
      {"cache", five.cache(), {{0}, {1}, {2}, {3}, {4}}},
      {"prefetch", five.prefetch(3), {{0}, {1}, {2}, {3}, {4}}},
      {"repeat", Dataset::range(0, 2).repeat(2), {{0}, {1}, {0}, {1}}},
      {"never", five.repeat(0), {}},
      {"take", five.take(2), {{0}, {1}}},
      {"take_more", five.take(9), {{0}, {1}, {2}, {3}, {4}}},
      {"skip", five.skip(3), {{3}, {4}}},
      {"skip_more", five.skip(9), {}},
      {"skip_take", five.skip(1).take(3), {{1}, {2}, {3}}},
      {"shard", five.shard(2, 1), {{1}, {3}}},
      {"first_shard", five.shard(2, 0), {{0}, {2}, {4}}},
      {"endless_taken", five.repeat().take(7), {{0}, {1}, {2}, {3}, {4}, {0}, {1}}},
      {"concatenate", five.take(1).concatenate(five.skip(4)), {{0}, {4}}},
      {"zip", Dataset::zip({five, five.map(twice)}), {{0}, {1}, {2}, {3}, {4}}},
      {"shortest", Dataset::zip({five.repeat(), five.take(2)}), {{0}, {1}}},
      {"series",
       Dataset::windows_of(row({0, 1, 2, 3, 4, 5, 6}), {}, 3, 2, 2),
       {{0, 2, 4}, {2, 4, 6}}},
  };
}

class DatasetCase : public testing::TestWithParam<std::size_t> {
 protected:
  const Case c = cases()[GetParam()];
};

TEST_P(DatasetCase, GivesItsElementsInEachPass) {
  for (std::uint64_t epoch : {0, 1}) EXPECT_EQ(elements_of(c.set, {.epoch = epoch}), c.expected);
}

TEST_P(DatasetCase, SaysHowManyTheyAre) {
  const auto size = c.set.size();
  EXPECT_EQ(size.value_or(static_cast<std::int64_t>(c.expected.size())),
            static_cast<std::int64_t>(c.expected.size()));
}

TEST_P(DatasetCase, LeavesOutWhatIsSkipped) {
  const auto count = static_cast<std::int64_t>(c.expected.size());
  for (std::int64_t skipped = 0; skipped <= count + 1; ++skipped) {
    for (std::int64_t before = 0; before <= std::min<std::int64_t>(1, count); ++before) {
      const auto stream = c.set.open();
      Element element;
      for (std::int64_t i = 0; i < before; ++i) ASSERT_TRUE(stream->next(element));
      const std::int64_t left = std::min(skipped, count - before);
      EXPECT_EQ(stream->skip(skipped), left);
      const std::vector<Numbers> expected(c.expected.begin() + before + left, c.expected.end());
      EXPECT_EQ(rest_of(*stream), expected) << skipped << " after " << before;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, DatasetCase, testing::Range<std::size_t>(0, cases().size()),
                         [](const auto& info) { return cases()[info.param].name; });

TEST(Dataset, SizesOfWhatOnlyAPassCanTell) {
  EXPECT_EQ(Dataset::range(0, 5).filter(is_odd).size(), std::nullopt);
  EXPECT_EQ(Dataset::range(0, 5).repeat().size(), kEndless);
  EXPECT_EQ(Dataset::range(0, 5).repeat().batch(2).size(), kEndless);
  EXPECT_EQ(Dataset::range(0, 0).repeat().size(), 0);
}

TEST(Dataset, AnEndlessRepetitionOfNothingEnds) {
  EXPECT_THAT(
      numbers_of(Dataset::range(0, 5).filter([](const Element&) { return false; }).repeat()),
      IsEmpty());
}

TEST(Dataset, IsARange) {
  std::int64_t sum = 0;
  for (const Element& element : Dataset::range(0, 5)) sum += element[0].data<std::int64_t>()[0];
  EXPECT_EQ(sum, 10);
}

TEST(Dataset, ZipKeepsAllTensors) {
  const Dataset five = Dataset::range(0, 5);
  for (const Element& element : Dataset::zip({five, five.map(twice)})) {
    ASSERT_EQ(element.size(), 2U);
    EXPECT_EQ(2 * element[0].at(0), element[1].at(0));
  }
}

TEST(Dataset, WindowsOfASeriesHaveTheirTargets) {
  const Tensor data = Tensor::from(std::vector<float>{0, 1, 2, 3, 4, 5}, {3, 2});
  std::vector<double> targets;
  for (const Element& element : Dataset::windows_of(data, row({7, 8, 9}), 2)) {
    EXPECT_EQ(element[0].shape(), (Shape{2, 2}));
    EXPECT_EQ(element[1].shape(), Shape{});
    targets.push_back(element[1].at(0));
  }
  EXPECT_THAT(targets, ElementsAre(7, 8));
}

TEST(Dataset, ArgumentsThatCannotBe) {
  const Dataset five = Dataset::range(0, 5);
  EXPECT_EQ(message_of<ValueError>([&] { five.batch(0); }),
            "Dataset::batch: size is 0; it must be at least 1");
  EXPECT_EQ(message_of<ValueError>([&] { five.shard(2, 2); }),
            "Dataset::shard: index is 2; it must be in [0, 2)");
  EXPECT_EQ(message_of<ValueError>([&] { five.repeat(-2); }),
            "Dataset::repeat: count is -2; it must be at least -1");
  EXPECT_THAT(message_of<ValueError>([&] {
                five.bucket_by_length({.boundaries = {2, 2}, .batch_sizes = {1, 1, 1}});
              }),
              HasSubstr("do not rise"));
  EXPECT_THAT(message_of<ValueError>(
                  [&] { five.bucket_by_length({.boundaries = {2}, .batch_sizes = {1}}); }),
              HasSubstr("1 boundaries make 2 buckets, but there are 1 batch_sizes"));
  EXPECT_THAT(message_of<ValueError>([&] {
                Dataset::windows_of(row({1, 2, 3}), {}, 3, 1, 2);
              }),
              HasSubstr("3 rows, 2 apart, are more than the 3 rows of the data"));
  EXPECT_EQ(message_of<ShapeError>([&] {
              Dataset::from_tensors({row({1, 2}), row({1})});
            }),
            "Dataset::from_tensors: tensors must have as many rows each: (2,) and (1,)");
}

TEST(Dataset, ElementsThatAreNotAlike) {
  const Dataset lengths = Dataset::range(1, 9).map(
      [](Element e) { return Element{row(Numbers(e[0].data<std::int64_t>()[0] == 6 ? 2 : 1))}; });
  EXPECT_EQ(message_of<ShapeError>([&] { elements_of(lengths.batch(4)); }),
            "element 4: tensor 0 of a batch's elements has shapes (1,) and (2,); bring them to one "
            "shape, or use padded_batch()");
  EXPECT_THAT(message_of<ShapeError>(
                  [&] { elements_of(lengths.padded_batch(4, {.padded_shapes = {{1}}})); }),
              HasSubstr("has extent 2 on axis 0: more than the 1 of padded_shapes"));
  EXPECT_THAT(message_of<ValueError>([&] {
                elements_of(lengths.padded_batch(4, {.padding_values = {0, 0}}));
              }),
              HasSubstr("padding_values are 2, but elements have 1 tensors"));
}

TEST(Dataset, PadsEveryAxis) {
  const Dataset squares = Dataset::range(1, 3).map([](Element e) {
    const std::int64_t side = e[0].data<std::int64_t>()[0];
    return Element{Tensor::full({side, side}, static_cast<double>(side), DType::Int64)};
  });
  EXPECT_THAT(elements_of(squares.padded_batch(2)), ElementsAre(Numbers{1, 0, 0, 0, 2, 2, 2, 2}));
}

}  // namespace
}  // namespace sinew::data
