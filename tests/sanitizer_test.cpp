// The sanitizers are themselves tested: a defect is planted, and the preset must report it. What a
// suppression or an option hides too much shows here. In other presets this file is empty.
#include <gtest/gtest.h>

#include "sinew/base/parallel.h"

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SINEW_THREAD_SANITIZER
#endif
#if __has_feature(address_sanitizer)
#define SINEW_ADDRESS_SANITIZER
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define SINEW_ADDRESS_SANITIZER
#endif

#ifdef SINEW_THREAD_SANITIZER
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

namespace sinew {
namespace {

constexpr int kRaceExitCode = 66;

class ThreadSanitizer : public testing::Test {
 protected:
  void SetUp() override {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    set_num_threads(2);
  }
};

TEST_F(ThreadSanitizer, SeesARaceInAParallelRegion) {
  EXPECT_EXIT(
      {
        double sum = 0;
        parallel_for(1000, [&](std::int64_t i) { sum += static_cast<double>(i); });
        std::printf("%g\n", sum);
        std::exit(0);
      },
      testing::ExitedWithCode(kRaceExitCode), "data race");
}

TEST_F(ThreadSanitizer, SeesARaceBetweenAThreadAndAParallelRegion) {
  EXPECT_EXIT(
      {
        std::vector<float> batch(1000);
        std::thread loader([&] { batch[999] = 1; });
        parallel_for(1000, [&](std::int64_t i) { batch[static_cast<std::size_t>(i)] += 1; });
        loader.join();
        std::exit(0);
      },
      testing::ExitedWithCode(kRaceExitCode), "data race");
}

/// Regions that follow one another hand data from thread to thread through the barrier between
/// them: no race.
TEST_F(ThreadSanitizer, KnowsTheBarrierBetweenParallelRegions) {
  std::vector<double> from(1 << 12, 1.0);
  std::vector<double> to(from.size());
  const auto count = static_cast<std::int64_t>(from.size());
  for (int round = 0; round < 200; ++round) {
    parallel_for(count, [&](std::int64_t i) {
      to[static_cast<std::size_t>(count - 1 - i)] = from[static_cast<std::size_t>(i)] + 1;
    });
    from.swap(to);
  }
  EXPECT_EQ(std::accumulate(from.begin(), from.end(), 0.0), 201.0 * static_cast<double>(count));
}

/// oneDNN was built for GCC's OpenMP runtime; it must run on LLVM's, whose barriers are seen.
TEST_F(ThreadSanitizer, OneOpenMpRuntimeServesOneDnnToo) {
  for (const char* name : {"GOMP_parallel", "GOMP_barrier", "omp_get_max_threads"}) {
    Dl_info info{};
    void* const address = dlsym(RTLD_DEFAULT, name);
    ASSERT_NE(address, nullptr) << name;
    ASSERT_NE(dladdr(address, &info), 0) << name;
    EXPECT_NE(std::string(info.dli_fname).find("libomp"), std::string::npos)
        << name << " is " << info.dli_fname;
  }
}

}  // namespace
}  // namespace sinew
#endif

#ifdef SINEW_ADDRESS_SANITIZER
#include <limits>
#include <vector>

namespace sinew {
namespace {

class AddressSanitizer : public testing::Test {
 protected:
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(AddressSanitizer, SeesAReadBeyondABufferInAParallelRegion) {
  EXPECT_DEATH(
      {
        std::vector<float> row(64);
        volatile float sum = 0;
        const float* const data = row.data();
        parallel_for(65, [&](std::int64_t i) {
          if (i == 64) sum = data[i];
        });
      },
      "heap-buffer-overflow");
}

TEST_F(AddressSanitizer, SeesUndefinedOverflow) {
  volatile int units = std::numeric_limits<int>::max();
  EXPECT_DEATH({ units = units + 1; }, "signed integer overflow");
}

}  // namespace
}  // namespace sinew
#endif
