#include "io/protobuf.h"

#include <fmt/format.h>

#include <bit>

#include "sinew/base/error.h"

namespace sinew::io {
namespace {

enum WireType { kVarint = 0, kFixed64 = 1, kLengthDelimited = 2, kFixed32 = 5 };

template <typename T>
void append_fixed(std::string& to, T number) {
  for (std::size_t i = 0; i < sizeof(T); ++i) to += static_cast<char>(number >> (8 * i) & 0xff);
}

std::uint64_t fixed(std::string_view bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    number |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  return number;
}

}  // namespace

void ProtobufMessage::varint(std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) text_ += static_cast<char>(value | 0x80);
  text_ += static_cast<char>(value);
}

void ProtobufMessage::key(int field, int wire_type) {
  varint(static_cast<std::uint64_t>(field) << 3 | static_cast<std::uint64_t>(wire_type));
}

ProtobufMessage& ProtobufMessage::integer(int field, std::int64_t value) {
  key(field, kVarint);
  varint(static_cast<std::uint64_t>(value));
  return *this;
}

ProtobufMessage& ProtobufMessage::real(int field, double value) {
  key(field, kFixed64);
  append_fixed(text_, std::bit_cast<std::uint64_t>(value));
  return *this;
}

ProtobufMessage& ProtobufMessage::single(int field, float value) {
  key(field, kFixed32);
  append_fixed(text_, std::bit_cast<std::uint32_t>(value));
  return *this;
}

ProtobufMessage& ProtobufMessage::bytes(int field, std::string_view value) {
  key(field, kLengthDelimited);
  varint(value.size());
  text_ += value;
  return *this;
}

bool ProtobufReader::next() {
  if (rest_.empty()) return false;
  const std::uint64_t key = varint();
  field_ = static_cast<int>(key >> 3 & 0x1fffffff);
  number_ = 0;
  bytes_ = {};
  switch (key & 7) {
    case kVarint:
      number_ = varint();
      return true;
    case kFixed64:
      number_ = fixed(take(8));
      return true;
    case kLengthDelimited:
      bytes_ = take(varint());
      return true;
    case kFixed32:
      number_ = fixed(take(4));
      return true;
    default:
      throw FileError(
          fmt::format("{}: field {} has the unknown wire type {}", where_, field_, key & 7));
  }
}

double ProtobufReader::real() const { return std::bit_cast<double>(number_); }

float ProtobufReader::single() const {
  return std::bit_cast<float>(static_cast<std::uint32_t>(number_));
}

std::uint64_t ProtobufReader::varint() {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const auto byte = static_cast<unsigned char>(take(1)[0]);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  throw FileError(where_ + ": a number has more than ten bytes");
}

std::string_view ProtobufReader::take(std::uint64_t count) {
  if (count > rest_.size()) {
    throw FileError(
        fmt::format("{}: a field of {} bytes reaches beyond its message, of which {} "
                    "are left",
                    where_, count, rest_.size()));
  }
  const std::string_view taken = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return taken;
}

}  // namespace sinew::io
