#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// Protocol buffers' wire format (protobuf.dev/programming-guides/encoding), as much as event files
/// need. Their dozen messages are a few fields each; Debian's libprotobuf would add 3.3 MB and 1 ms
/// to every process, a compiler to the build, and clash with the copy of it that TensorFlow brings
/// into the same Python.
namespace sinew::io {

/// A message being put together: fields are appended in the order of the calls.
class ProtobufMessage {
 public:
  ProtobufMessage& integer(int field, std::int64_t value);
  ProtobufMessage& real(int field, double value);
  ProtobufMessage& single(int field, float value);
  ProtobufMessage& bytes(int field, std::string_view value);
  ProtobufMessage& message(int field, const ProtobufMessage& value) {
    return bytes(field, value.text_);
  }
  const std::string& str() const { return text_; }

 private:
  void varint(std::uint64_t value);
  void key(int field, int wire_type);

  std::string text_;
};

/// The fields of a message one after the other.
class ProtobufReader {
 public:
  /// Views into `bytes`, which must outlive it. `where` is what messages call it.
  ProtobufReader(std::string_view bytes, std::string where)
      : rest_(bytes), where_(std::move(where)) {}

  /// Moves to the next field; false at the end. Throws FileError where the bytes are no message.
  bool next();
  int field() const { return field_; }
  /// Of a field of a number: its value, 0 where the field is another kind.
  std::int64_t integer() const { return static_cast<std::int64_t>(number_); }
  double real() const;
  float single() const;
  /// Of a text, of bytes or a message; empty where the field is another kind.
  std::string_view bytes() const { return bytes_; }
  ProtobufReader message() const { return {bytes_, where_}; }

 private:
  std::uint64_t varint();
  std::string_view take(std::uint64_t count);

  std::string_view rest_;
  std::string where_;
  int field_ = 0;
  std::uint64_t number_ = 0;
  std::string_view bytes_;
};

}  // namespace sinew::io
