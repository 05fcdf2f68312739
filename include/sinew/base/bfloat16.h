#pragma once

#include <bit>
#include <concepts>
#include <cstdint>

namespace sinew {

/// A float32 without the lower half of its significand: 8 bits of exponent, 8 of precision. A type
/// to store; arithmetic happens in float.
class BFloat16 {
 public:
  constexpr BFloat16() = default;
  /// Rounds to nearest, ties to even; overflow gives infinity, NaN stays NaN.
  template <typename T>
  requires std::is_arithmetic_v<T>
  constexpr explicit BFloat16(T value) : bits_(rounded(static_cast<float>(value))) {}
  constexpr operator float() const {
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits_) << 16);
  }
  constexpr std::uint16_t bits() const { return bits_; }

 private:
  static constexpr std::uint16_t rounded(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    // Rounding could carry a NaN's payload into infinity.
    if (value != value) return static_cast<std::uint16_t>(bits >> 16 | 0x40);
    return static_cast<std::uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
  }

  std::uint16_t bits_ = 0;
};

}  // namespace sinew
