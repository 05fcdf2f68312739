#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>

#include "sinew/base/error.h"

namespace sinew::io::hdf5 {

using Bytes = std::span<const std::uint8_t>;

/// One structure of a file, read from front to back; throws FileError where it ends too early.
class Fields {
 public:
  Fields(Bytes bytes, const char* what) : bytes_(bytes), what_(what) {}

  std::size_t left() const { return bytes_.size(); }
  Bytes take(std::uint64_t count) {
    if (count > bytes_.size())
      throw FileError(fmt::format("a {} ends {} bytes early", what_, count - bytes_.size()));
    const Bytes taken = bytes_.first(count);
    bytes_ = bytes_.subspan(count);
    return taken;
  }
  void skip(std::uint64_t count) { take(count); }
  /// The next `width` bytes, lowest first.
  std::uint64_t number(int width) {
    std::uint64_t value = 0;
    const Bytes bytes = take(static_cast<std::uint64_t>(width));
    for (int i = width; i-- > 0;) value = value << 8 | bytes[static_cast<std::size_t>(i)];
    return value;
  }
  void expect(const char* signature) {
    const Bytes bytes = take(std::strlen(signature));
    if (!std::equal(bytes.begin(), bytes.end(), signature))
      throw FileError(fmt::format("a {} does not begin with \"{}\"", what_, signature));
  }

 private:
  Bytes bytes_;
  const char* what_;
};

/// The `size` bytes of a file at `address`.
inline Fields structure(Bytes file, std::uint64_t address, std::uint64_t size, const char* what) {
  if (address > file.size() || size > file.size() - address) {
    throw FileError(fmt::format("a {} of {} bytes would lie at byte {} of {}", what, size, address,
                                file.size()));
  }
  return {file.subspan(address, size), what};
}

}  // namespace sinew::io::hdf5
