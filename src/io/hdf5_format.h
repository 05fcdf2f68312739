#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "sinew/base/dtype.h"

/// What the reader and the writer of HDF5 share: names and numbers of the specification.
namespace sinew::io::hdf5 {

constexpr std::array<std::uint8_t, 8> kSignature = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
constexpr std::uint64_t kUndefined = ~std::uint64_t{0};

constexpr std::size_t kSuperblockBytes = 96;
constexpr std::size_t kHeaderPrefixBytes = 16;
constexpr std::size_t kMessagePrefixBytes = 8;
constexpr std::size_t kSymbolBytes = 40;
constexpr std::size_t kHeapBytes = 32;

/// Messages of object headers.
enum Message : std::uint16_t {
  kNil = 0x00,
  kDataspace = 0x01,
  kLinkInfo = 0x02,
  kDatatype = 0x03,
  kLink = 0x06,
  kExternalFiles = 0x07,
  kLayout = 0x08,
  kFilters = 0x0b,
  kContinuation = 0x10,
  kSymbolTable = 0x11,
};

enum Class : std::uint8_t { kInteger = 0, kFloat = 1, kOpaque = 5, kEnumeration = 8 };
enum LayoutClass : std::uint8_t { kCompact = 0, kContiguous = 1, kChunked = 2, kVirtual = 3 };

/// IEEE 754's formats: where the parts of a number lie, in bits.
struct FloatFormat {
  std::uint8_t bytes, sign, exponent, exponent_bits, mantissa_bits;
  std::uint32_t bias;
  DType dtype;
};
constexpr std::array<FloatFormat, 2> kFloats = {
    {{4, 31, 23, 8, 23, 127, DType::Float32}, {8, 63, 52, 11, 52, 1023, DType::Float64}}};

constexpr std::size_t padded(std::size_t bytes) { return (bytes + 7) / 8 * 8; }

}  // namespace sinew::io::hdf5
