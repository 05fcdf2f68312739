#include "sinew/data/loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "sinew/base/error.h"

namespace sinew::data {
namespace {

Tensor counting(std::int64_t rows, std::int64_t width) {
  Tensor tensor({rows, width});
  for (std::int64_t i = 0; i < rows * width; ++i)
    tensor.data<float>()[static_cast<std::size_t>(i)] = static_cast<float>(i);
  return tensor;
}

std::vector<float> rows_of_epoch(Loader& loader, std::int64_t seed, std::int64_t epoch,
                                 std::int64_t first = 0) {
  std::vector<float> seen;
  loader.start(seed, epoch, first);
  for (auto batch = loader.next(); !batch.empty(); batch = loader.next()) {
    const std::int64_t rows = batch[0].shape()[0];
    for (std::int64_t i = 0; i < rows; ++i) {
      seen.push_back(static_cast<float>(batch[0].at(i * 2)));
      EXPECT_EQ(batch[1].at(i) * 2, batch[0].at(i * 2)) << "rows of two arrays came apart";
    }
  }
  return seen;
}

TEST(Loader, GivesEveryRowOnce) {
  for (std::int64_t rows : {1, 7, 8, 100}) {
    Loader loader({counting(rows, 2), counting(rows, 1)}, {.batch_size = 8});
    const auto seen = rows_of_epoch(loader, 1, 0);
    EXPECT_EQ(seen.size(), static_cast<std::size_t>(rows));
    EXPECT_EQ(std::set<float>(seen.begin(), seen.end()).size(), static_cast<std::size_t>(rows));
  }
}

TEST(Loader, OrderDependsOnSeedAndEpochAlone) {
  Loader a({counting(50, 2), counting(50, 1)}, {.batch_size = 8});
  Loader b({counting(50, 2), counting(50, 1)}, {.batch_size = 8});
  const auto first = rows_of_epoch(a, 3, 0);
  const auto second = rows_of_epoch(a, 3, 1);
  EXPECT_NE(first, second);
  EXPECT_EQ(rows_of_epoch(b, 3, 1), second);
  EXPECT_NE(rows_of_epoch(b, 4, 1), second);
  EXPECT_EQ(rows_of_epoch(b, 3, 0), first);
  const std::vector<float> rest(second.begin() + 24, second.end());
  EXPECT_EQ(rows_of_epoch(b, 3, 1, 3), rest)
      << "a start in mid-epoch must give the rest of the same order";
}

TEST(Loader, MayBeLeftInMidEpoch) {
  Loader loader({counting(500, 2), counting(500, 1)}, {.batch_size = 4, .shuffle = false});
  for (int round = 0; round < 50; ++round) {
    loader.start(0, round);
    EXPECT_EQ(loader.next()[0].at(0), 0.0);
    EXPECT_EQ(loader.next()[0].at(0), 8.0);
  }
}

TEST(Loader, RefusesBadArguments) {
  EXPECT_THROW(Loader({}, {}), ValueError);
  EXPECT_THROW(Loader({Tensor(Shape{0, 3})}, {}), ValueError);
  EXPECT_THROW(Loader({counting(3, 1)}, {.batch_size = 0}), ValueError);
  EXPECT_THROW(Loader({counting(3, 1), counting(4, 1)}, {}), ShapeError);
}

TEST(Loader, BeginsAtNoBatchThatTheEpochLacks) {
  Loader loader({counting(10, 1)}, {.batch_size = 4});
  loader.start(1, 0, 3);
  EXPECT_TRUE(loader.next().empty()) << "an epoch that was complete when it was left";
  for (std::int64_t first : {std::int64_t{-1}, std::int64_t{4}, INT64_MAX, INT64_MIN}) {
    EXPECT_THAT([&] { loader.start(1, 0, first); },
                testing::ThrowsMessage<ValueError>(testing::HasSubstr("3 batches of 4")));
  }
}

}  // namespace
}  // namespace sinew::data
