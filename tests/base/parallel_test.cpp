#include "sinew/base/parallel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sinew/base/error.h"

namespace sinew {
namespace {

TEST(Threads, NumbersOfThemThatNoMachineHasAreRefused) {
  const int before = num_threads();
  for (int count : {0, -3, 100'000}) {
    EXPECT_THAT([&] { set_num_threads(count); },
                testing::ThrowsMessage<ValueError>(testing::HasSubstr("threads must be at ")))
        << count;
    EXPECT_EQ(num_threads(), before);
  }
}

}  // namespace
}  // namespace sinew
