#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "io/input_file.h"

struct z_stream_s;

namespace sinew::io {

/// The contents of a file from front to back: as they are or, where it begins as RFC 1952 says,
/// unpacked by gzip (several members follow each other). Throws FileError naming the file and how
/// many bytes were good when the compressed data are damaged, end early, or are followed by
/// something else.
class ByteStream {
 public:
  explicit ByteStream(const std::string& path);
  ~ByteStream();
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;

  /// Fills `to`; returns how many bytes there were before the end.
  std::size_t read(std::span<std::uint8_t> to);
  /// Bytes handed out so far.
  std::uint64_t offset() const { return offset_; }
  const std::string& path() const { return file_.path(); }
  /// As it lies on the disk.
  std::uint64_t file_size() const { return file_.size(); }

 private:
  static constexpr std::size_t kPiece = 1 << 17;

  std::size_t inflate(std::span<std::uint8_t> to);
  /// Takes the next piece of the file when the last one is used up; false at the end.
  bool more();
  [[noreturn]] void damaged(const char* how) const;

  InputFile file_;
  std::uint64_t read_ = 0;
  std::uint64_t offset_ = 0;
  /// Null for a file that is not compressed.
  std::unique_ptr<z_stream_s> zlib_;
  std::unique_ptr<std::uint8_t[]> piece_;
  bool later_member_ = false;
  bool ended_ = false;
};

}  // namespace sinew::io
