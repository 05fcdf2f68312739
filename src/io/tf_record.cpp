#include "io/tf_record.h"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <span>
#include <system_error>

#include "io/crc32c.h"
#include "sinew/base/error.h"

namespace sinew::io {
namespace {

constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kChecksumBytes = 4;
constexpr std::size_t kHeaderBytes = kLengthBytes + kChecksumBytes;

template <typename T>
void append_little_endian(std::string& to, T number) {
  for (std::size_t i = 0; i < sizeof(T); ++i) to += static_cast<char>(number >> (8 * i) & 0xff);
}

template <typename T>
T little_endian(std::string_view bytes) {
  T number = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i)
    number |= static_cast<T>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  return number;
}

std::span<std::uint8_t> as_bytes(std::string& text) {
  return {reinterpret_cast<std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

std::string tf_record(std::string_view data) {
  std::string record;
  append_little_endian<std::uint64_t>(record, data.size());
  append_little_endian(record, masked_crc32c(record));
  record += data;
  append_little_endian(record, masked_crc32c(data));
  return record;
}

std::optional<std::string> TfRecordReader::next() {
  const auto check = [&](std::string_view data, std::string_view checksum, const char* what) {
#ifndef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
    if (masked_crc32c(data) == little_endian<std::uint32_t>(checksum)) return;
    throw FileError(
        fmt::format("{}: the record at byte {} is damaged: the checksum of its {} is "
                    "another",
                    path(), offset_, what));
#else
    static_cast<void>(data), static_cast<void>(checksum), static_cast<void>(what);
#endif
  };
  std::string header(kHeaderBytes, '\0');
  if (file_.read_some(offset_, as_bytes(header)) < kHeaderBytes) return std::nullopt;
  const std::string_view view = header;
  check(view.substr(0, kLengthBytes), view.substr(kLengthBytes), "length");
  const auto length = little_endian<std::uint64_t>(header);
  std::error_code error;
  // No memory is taken that the file does not have.
  const std::uint64_t size = std::filesystem::file_size(path(), error);
  const std::uint64_t rest =
      error || size < offset_ + kHeaderBytes ? 0 : size - offset_ - kHeaderBytes;
  if (rest < kChecksumBytes || length > rest - kChecksumBytes) return std::nullopt;
  std::string data(length + kChecksumBytes, '\0');
  if (file_.read_some(offset_ + kHeaderBytes, as_bytes(data)) < data.size()) return std::nullopt;
  const std::string checksum = data.substr(length);
  data.resize(length);
  check(data, checksum, "data");
  offset_ += kHeaderBytes + length + kChecksumBytes;
  return data;
}

}  // namespace sinew::io
