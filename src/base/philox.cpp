#include "sinew/base/philox.h"

#include <cmath>
#include <numbers>

namespace sinew {

void PhiloxStream::refill() {
  std::array<std::array<std::uint32_t, kBlocks>, 4> counter;
  for (std::size_t i = 0; i < kBlocks; ++i) {
    counter[0][i] = static_cast<std::uint32_t>(next_block_ + i);
    counter[1][i] = static_cast<std::uint32_t>((next_block_ + i) >> 32);
    counter[2][i] = static_cast<std::uint32_t>(stream_);
    counter[3][i] = static_cast<std::uint32_t>(stream_ >> 32);
  }
  PhiloxKey key = {static_cast<std::uint32_t>(seed_), static_cast<std::uint32_t>(seed_ >> 32)};
  for (int round = 0; round < kPhiloxRounds; ++round) {
    for (std::size_t i = 0; i < kBlocks; ++i)
      philox_round(counter[0][i], counter[1][i], counter[2][i], counter[3][i], key);
    key = next_philox_key(key);
  }
  for (std::size_t i = 0; i < kBlocks; ++i) {
    for (std::size_t k = 0; k < 4; ++k) words_[4 * i + k] = counter[k][i];
  }
  next_block_ += kBlocks;
  used_ = 0;
}

double PhiloxStream::normal() {
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
  return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

std::uint64_t PhiloxStream::below(std::uint64_t bound) {
  const std::uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
  for (;;) {
    const std::uint64_t word = next_u64();
    if (word < limit) return word % bound;
  }
}

}  // namespace sinew
