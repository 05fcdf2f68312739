#include <algorithm>
#include <numeric>

#include "data/dataset/numbers.h"

namespace sinew::data {
namespace {

using testing::ElementsAreArray;
using testing::UnorderedElementsAreArray;

Numbers first(std::int64_t count) {
  Numbers numbers(static_cast<std::size_t>(count));
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

TEST(Shuffle, DependsOnSeedAndEpochAlone) {
  const Dataset set = Dataset::range(0, 50).shuffle(50);
  const Numbers once = numbers_of(set, {1, 0});
  EXPECT_THAT(once, UnorderedElementsAreArray(first(50)));
  EXPECT_EQ(numbers_of(set, {1, 0}), once);
  EXPECT_NE(numbers_of(set, {1, 1}), once);
  EXPECT_NE(numbers_of(set, {2, 0}), once);
  EXPECT_NE(numbers_of(Dataset::range(0, 50).shuffle(50, {.seed = 7}), {1, 0}), once);
  const Dataset same = Dataset::range(0, 50).shuffle(50, {.each_epoch = false});
  EXPECT_EQ(numbers_of(same, {1, 0}), numbers_of(same, {1, 1}));
}

TEST(Shuffle, EachRepetitionHasAnOrderOfItsOwn) {
  const Numbers both = numbers_of(Dataset::range(0, 20).shuffle(20).repeat(2));
  EXPECT_THAT(Numbers(both.begin(), both.begin() + 20), UnorderedElementsAreArray(first(20)));
  EXPECT_NE(Numbers(both.begin(), both.begin() + 20), Numbers(both.begin() + 20, both.end()));
}

TEST(Shuffle, ABufferBoundsHowEarlyAnElementComes) {
  const Numbers order = numbers_of(Dataset::range(0, 200).shuffle(10));
  EXPECT_THAT(order, UnorderedElementsAreArray(first(200)));
  for (std::size_t place = 0; place < order.size(); ++place)
    EXPECT_LT(order[place], static_cast<std::int64_t>(place) + 10);
  EXPECT_EQ(numbers_of(Dataset::range(0, 20).shuffle(1)), first(20));
}

/// Each of the 24 orders of four elements should come 1,000 times; chi-squared with 23 degrees of
/// freedom is below 49.7 with probability 0.999.
TEST(Shuffle, AllOrdersAreEquallyLikely) {
  std::map<Numbers, int> seen;
  const Dataset set = Dataset::range(0, 4).shuffle(4);
  for (std::uint64_t epoch = 0; epoch < 24'000; ++epoch) ++seen[numbers_of(set, {5, epoch})];
  ASSERT_EQ(seen.size(), 24U);
  double chi_squared = 0;
  for (const auto& [order, count] : seen) chi_squared += (count - 1000.0) * (count - 1000.0) / 1000;
  EXPECT_LT(chi_squared, 49.7);
}

Element draw(Element element, PhiloxStream& random) {
  return {element[0], Tensor::scalar(random.uniform())};
}

std::vector<double> draws(const Dataset& set, Pass pass, std::int64_t skipped = 0) {
  const auto stream = set.open(pass);
  EXPECT_EQ(stream->skip(skipped), skipped);
  std::vector<double> numbers;
  Element element;
  while (stream->next(element)) numbers.push_back(element[1].at(0));
  return numbers;
}

TEST(RandomMap, DependsOnThePassAndTheElementAlone) {
  const Dataset serial = Dataset::range(0, 40).map(draw, {.threads = 1});
  const std::vector<double> once = draws(serial, {3, 1});
  EXPECT_NE(once[0], once[1]);
  EXPECT_NE(draws(serial, {3, 2}), once);
  EXPECT_NE(draws(serial, {4, 1}), once);
  for (int threads : {2, 3, 8}) {
    const Dataset parallel = Dataset::range(0, 40).map(draw, {.threads = threads});
    EXPECT_EQ(draws(parallel, {3, 1}), once) << threads;
    EXPECT_THAT(draws(parallel, {3, 1}, 7), ElementsAreArray(once.begin() + 7, once.end()));
  }
}

/// What a resumed training needs: the batches after some are those of the whole pass.
TEST(RandomMap, APassGoesOnExactly) {
  const Dataset set = Dataset::range(0, 60).shuffle(16).map(draw).batch(7).prefetch();
  const auto whole = set.open({9, 4});
  EXPECT_EQ(whole->skip(3), 3);
  const auto other = set.open({9, 4});
  Element a, b;
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(other->next(b));
  while (whole->next(a)) {
    ASSERT_TRUE(other->next(b));
    for (std::int64_t i = 0; i < a[0].numel(); ++i) {
      EXPECT_EQ(a[0].at(i), b[0].at(i));
      EXPECT_EQ(a[1].at(i), b[1].at(i));
    }
  }
  EXPECT_FALSE(other->next(b));
}

}  // namespace
}  // namespace sinew::data
