#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "io/input_file.h"

namespace sinew::io {

/// Records as TFRecord files frame them: length (u64), its masked CRC-32C, the data, theirs; all
/// little-endian (tensorflow/core/lib/io/record_writer.h).
std::string tf_record(std::string_view data);

/// The records of a file from front to back, also of one that is being written.
class TfRecordReader {
 public:
  explicit TfRecordReader(const std::string& path) : file_(path) {}
  /// The next record; nothing at the end, nor where the rest of the record has not been written
  /// yet: asked again later, it goes on. Throws FileError naming the file and the byte when a
  /// checksum does not hold.
  std::optional<std::string> next();
  const std::string& path() const { return file_.path(); }
  /// Of the next record's first byte.
  std::uint64_t offset() const { return offset_; }

 private:
  InputFile file_;
  std::uint64_t offset_ = 0;
};

}  // namespace sinew::io
