#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "io/descriptor.h"

namespace sinew::io {

/// A regular file open for reading at any place. Throws FileError naming the path and the system's
/// reason.
class InputFile {
 public:
  explicit InputFile(std::string path);

  const std::string& path() const { return path_; }
  /// As it was when the file was opened.
  std::uint64_t size() const { return size_; }
  /// Fills `to` from the bytes at `offset`; returns how many there were before the end of the file.
  std::size_t read_some(std::uint64_t offset, std::span<std::uint8_t> to) const;
  /// The same; throws FileError when the file ends before `to` is full.
  void read(std::uint64_t offset, std::span<std::uint8_t> to) const;

 private:
  std::string path_;
  Descriptor descriptor_;
  std::uint64_t size_ = 0;
};

}  // namespace sinew::io
