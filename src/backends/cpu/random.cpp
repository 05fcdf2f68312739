// Four numbers come from one Philox block: element i takes word i % 4 of counter i / 4, so any
// thread can make any part. A vector holds one word of several blocks, each in the lower half of 64
// bits, where a product has both halves of its result: 8 instructions a round for all of them.

#include <algorithm>

#include "backends/cpu/registry.h"
#include "sinew/base/parallel.h"
#include "sinew/base/philox.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/random.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#ifndef SINEW_CPU_RANDOM_KEYS
#define SINEW_CPU_RANDOM_KEYS
namespace sinew::cpu {

/// What a whole draw has in common.
struct PhiloxDraw {
  PhiloxKey key;
  /// Words 1 to 3 of every counter.
  std::uint32_t stream, step_low, step_high;
};

}  // namespace sinew::cpu
#endif

HWY_BEFORE_NAMESPACE();
namespace sinew::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// The words of blocks [first, first + count), count a multiple of 8; they go to words[4 count].
void philox_words(const PhiloxDraw& draw, std::uint32_t first, int64_t count, uint32_t* words) {
  // At most 8 blocks at a time: a count is a multiple of any smaller power of two, too.
  const hn::CappedTag<uint64_t, 8> d;
  using V = hn::Vec<decltype(d)>;
  const auto times = [&](V a, uint32_t factor) {
#if HWY_TARGET == HWY_SCALAR
    return hn::Mul(hn::And(a, hn::Set(d, 0xFFFFFFFFu)), hn::Set(d, uint64_t{factor}));
#else
    const hn::Repartition<uint32_t, decltype(d)> d32;
    return hn::MulEven(hn::BitCast(d32, a), hn::Set(d32, factor));
#endif
  };
  for (int64_t block = 0; block < count; block += static_cast<int64_t>(hn::Lanes(d))) {
    // A counter wraps to 0 as a 32-bit word does: products and the result see the lower half only.
    V c0 = hn::Iota(d, uint64_t{first} + static_cast<uint64_t>(block));
    V c1 = hn::Set(d, draw.stream), c2 = hn::Set(d, draw.step_low), c3 = hn::Set(d, draw.step_high);
    PhiloxKey key = draw.key;
    for (int round = 0; round < kPhiloxRounds; ++round) {
      const V p0 = times(c0, 0xD2511F53), p1 = times(c2, 0xCD9E8D57);
      c0 = hn::Xor(hn::Xor(hn::ShiftRight<32>(p1), c1), hn::Set(d, key[0]));
      c1 = p1;
      c2 = hn::Xor(hn::Xor(hn::ShiftRight<32>(p0), c3), hn::Set(d, key[1]));
      c3 = p0;
      key = next_philox_key(key);
    }
    const V low = hn::Set(d, 0xFFFFFFFFu);
    const V first_pair = hn::Or(hn::And(c0, low), hn::ShiftLeft<32>(c1));
    const V second_pair = hn::Or(hn::And(c2, low), hn::ShiftLeft<32>(c3));
    hn::StoreInterleaved2(first_pair, second_pair, d,
                          reinterpret_cast<uint64_t*>(words + 4 * block));
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace sinew::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sinew::cpu {

HWY_EXPORT(philox_words);

namespace {

template <typename T>
class RandomUniform : public Kernel {
 public:
  explicit RandomUniform(const KernelRequest& request)
      : count_(request.outputs[0].shape.numel()), stream_(request.attributes.integer("stream")) {}
  void run(const KernelArguments& arguments) override {
    const auto seed =
        static_cast<std::uint64_t>(*static_cast<const std::int64_t*>(arguments.inputs[0]));
    const auto step =
        static_cast<std::uint64_t>(*static_cast<const std::int64_t*>(arguments.inputs[1]));
    const PhiloxDraw draw{
        .key = {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)},
        .stream = static_cast<std::uint32_t>(stream_),
        .step_low = static_cast<std::uint32_t>(step),
        .step_high = static_cast<std::uint32_t>(step >> 32)};
    T* out = static_cast<T*>(arguments.outputs[0]);
    parallel_for((count_ + kTask - 1) / kTask, [&](std::int64_t task) {
      const std::int64_t end = std::min(count_, (task + 1) * kTask);
      for (std::int64_t i = task * kTask; i < end; i += kWords) {
        alignas(64) std::uint32_t words[kWords];
        const std::int64_t count = std::min(kWords, end - i);
        // Up to whole groups of 8 blocks.
        HWY_DYNAMIC_DISPATCH(philox_words)
        (draw, static_cast<std::uint32_t>(i / 4), (count + 31) / 32 * 8, words);
        for (std::int64_t k = 0; k < count; ++k) {
          // 24 bits fit a signed integer, which vectors convert.
          out[i + k] =
              static_cast<T>(static_cast<std::int32_t>(words[k] >> 8)) * static_cast<T>(0x1p-24);
        }
      }
    });
  }

 private:
  static constexpr std::int64_t kTask = 4096;
  /// Made at a time, on the stack.
  static constexpr std::int64_t kWords = 512;

  std::int64_t count_;
  std::int64_t stream_;
};

const RegisterKernel random_uniform({
    .op = "random_uniform",
    .create = [](const KernelRequest& request) -> std::unique_ptr<Kernel> {
      if (request.outputs[0].dtype == DType::Float64)
        return std::make_unique<RandomUniform<double>>(request);
      return std::make_unique<RandomUniform<float>>(request);
    },
});

}  // namespace
}  // namespace sinew::cpu
#endif
