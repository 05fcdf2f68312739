#pragma once

#include <array>
#include <cstdint>

namespace sinew {

/// Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011): a
/// counter-based generator. The same (key, counter) gives the same four words on every machine and
/// for every number of threads.
using PhiloxKey = std::array<std::uint32_t, 2>;
constexpr int kPhiloxRounds = 10;

inline void philox_round(std::uint32_t& c0, std::uint32_t& c1, std::uint32_t& c2, std::uint32_t& c3,
                         PhiloxKey key) {
  const std::uint64_t p0 = std::uint64_t{0xD2511F53} * c0;
  const std::uint64_t p1 = std::uint64_t{0xCD9E8D57} * c2;
  c0 = static_cast<std::uint32_t>(p1 >> 32) ^ c1 ^ key[0];
  c1 = static_cast<std::uint32_t>(p1);
  c2 = static_cast<std::uint32_t>(p0 >> 32) ^ c3 ^ key[1];
  c3 = static_cast<std::uint32_t>(p0);
}

inline PhiloxKey next_philox_key(PhiloxKey key) {
  return {key[0] + 0x9E3779B9, key[1] + 0xBB67AE85};
}

inline std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                               PhiloxKey key) {
  for (int round = 0; round < kPhiloxRounds; ++round) {
    philox_round(counter[0], counter[1], counter[2], counter[3], key);
    key = next_philox_key(key);
  }
  return counter;
}

/// A stream of numbers for host-side work (initializers, shuffling), keyed by a seed and a stream
/// number: the words of counters 0, 1, ….
class PhiloxStream {
 public:
  PhiloxStream(std::uint64_t seed, std::uint64_t stream) : seed_(seed), stream_(stream) {}
  std::uint32_t next_u32() {
    if (used_ == words_.size()) refill();
    return words_[used_++];
  }
  std::uint64_t next_u64() {
    const std::uint64_t high = next_u32();
    return high << 32 | next_u32();
  }
  /// Uniform in [0, 1), 53 bits.
  double uniform() { return static_cast<double>(next_u64() >> 11) * 0x1p-53; }
  /// Standard normal (Box-Muller).
  double normal();
  /// Uniform integer in [0, bound), without bias. bound > 0.
  std::uint64_t below(std::uint64_t bound);

 private:
  /// Blocks are made side by side, which is several times faster than one after the other.
  static constexpr std::size_t kBlocks = 16;

  void refill();

  std::uint64_t seed_;
  std::uint64_t stream_;
  std::uint64_t next_block_ = 0;
  std::array<std::uint32_t, 4 * kBlocks> words_;
  std::size_t used_ = 4 * kBlocks;
};

}  // namespace sinew
