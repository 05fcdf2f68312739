#include "sinew/base/philox.h"

#include <cmath>
#include <numbers>

namespace sinew {

PhiloxStream::PhiloxStream(std::uint64_t seed, std::uint64_t stream)
    : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)} {
  counter_[2] = static_cast<std::uint32_t>(stream);
  counter_[3] = static_cast<std::uint32_t>(stream >> 32);
}

std::uint32_t PhiloxStream::next_u32() {
  if (used_ == 4) {
    block_ = philox4x32(counter_, key_);
    if (++counter_[0] == 0) ++counter_[1];
    used_ = 0;
  }
  return block_[static_cast<std::size_t>(used_++)];
}

std::uint64_t PhiloxStream::next_u64() {
  const std::uint64_t high = next_u32();
  return high << 32 | next_u32();
}

double PhiloxStream::uniform() { return static_cast<double>(next_u64() >> 11) * 0x1p-53; }

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
