#include <atomic>
#include <chrono>
#include <set>
#include <thread>

#include "data/dataset/numbers.h"

namespace sinew::data {
namespace {

/// Fails at one element, and takes the longer the earlier an element is.
Dataset failing(std::int64_t at, int threads) {
  const auto f = [at](Element element) {
    const std::int64_t number = element[0].data<std::int64_t>()[0];
    std::this_thread::sleep_for(std::chrono::microseconds(200 / (number % 7 + 1)));
    if (number == at) throw ValueError("no such word");
    return element;
  };
  return Dataset::range(0, 40).map(f, {.threads = threads});
}

TEST(ParallelMap, KeepsTheOrder) {
  for (int threads : {2, 5}) {
    const Numbers numbers = numbers_of(failing(-1, threads));
    ASSERT_EQ(numbers.size(), 40U);
    EXPECT_TRUE(std::is_sorted(numbers.begin(), numbers.end()));
  }
}

TEST(ParallelMap, WorksOnSeveralElementsAtATime) {
  std::atomic<int> inside = 0;
  const auto meet = [&](Element element) {
    // Waits for the other thread, for a second at most.
    ++inside;
    for (int i = 0; i < 1000 && inside < 2; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (inside < 2) throw ValueError("was alone");
    return element;
  };
  EXPECT_EQ(numbers_of(Dataset::range(0, 2).map(meet, {.threads = 2})).size(), 2U);
}

TEST(ParallelMap, AnErrorComesInItsTurnWithItsNumber) {
  for (int threads : {1, 2, 4}) {
    for (const Dataset& set : {failing(20, threads), failing(20, threads).prefetch()}) {
      const auto stream = set.open();
      Element element;
      for (int i = 0; i < 20; ++i) ASSERT_TRUE(stream->next(element));
      EXPECT_EQ(message_of<ValueError>([&] { stream->next(element); }), "element 20: no such word");
      EXPECT_TRUE(threads == 1 || !stream->next(element)) << "after an error a pass has ended";
    }
  }
}

TEST(ParallelMap, MayBeLeftInMidPass) {
  for (int round = 0; round < 20; ++round) {
    const Dataset set = failing(-1, 3).prefetch(2);
    const auto stream = set.open();
    Element element;
    for (int i = 0; i < round; ++i) ASSERT_TRUE(stream->next(element));
  }
}

TEST(ParallelMap, AFailingSourceIsHeard) {
  const Dataset set = Dataset::from_generator([](Pass) {
                        return [n = 0]() mutable -> std::optional<Element> {
                          if (++n == 3) throw FileError("'x.csv' ends early");
                          return Element{row({n})};
                        };
                      }).map([](Element e) { return e; }, {.threads = 3});
  const auto stream = set.open();
  Element element;
  ASSERT_TRUE(stream->next(element));
  ASSERT_TRUE(stream->next(element));
  EXPECT_EQ(message_of<FileError>([&] { stream->next(element); }), "'x.csv' ends early");
}

}  // namespace
}  // namespace sinew::data
