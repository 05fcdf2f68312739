#include "io/event_reader.h"

#include <cstring>
#include <optional>

#include "io/protobuf.h"

namespace sinew::io {
namespace {

/// The number in a TensorProto of one float or double; nothing in others.
std::optional<double> number_in(ProtobufReader tensor) {
  constexpr std::int64_t kFloat = 1, kDouble = 2;
  std::int64_t dtype = 0;
  std::string_view content, floats, doubles;
  std::optional<double> number;
  while (tensor.next()) {
    if (tensor.field() == 1) dtype = tensor.integer();
    if (tensor.field() == 4) content = tensor.bytes();
    // TensorFlow packs repeated numbers into bytes.
    if (tensor.field() == 5 && (floats = tensor.bytes()).empty()) number = tensor.single();
    if (tensor.field() == 6 && (doubles = tensor.bytes()).empty()) number = tensor.real();
  }
  const auto from = [&](std::string_view bytes, auto type) {
    if (bytes.size() != sizeof(type)) return;
    std::memcpy(&type, bytes.data(), sizeof(type));
    number = type;
  };
  if (dtype == kFloat) from(content, float{}), from(floats, float{});
  if (dtype == kDouble) from(content, double{}), from(doubles, double{});
  return number;
}

void read_value(ProtobufReader value, std::int64_t step, std::vector<ScalarEvent>& to) {
  std::string tag;
  std::optional<double> number;
  bool scalar = false;
  while (value.next()) {
    if (value.field() == 1) tag = value.bytes();
    if (value.field() == 2) number = value.single(), scalar = true;
    if (value.field() == 8) number = number_in(value.message());
    if (value.field() != 9) continue;
    for (ProtobufReader metadata = value.message(); metadata.next();) {
      if (metadata.field() != 1) continue;
      for (ProtobufReader plugin = metadata.message(); plugin.next();)
        scalar = scalar || (plugin.field() == 1 && plugin.bytes() == "scalars");
    }
  }
  if (scalar && number) to.push_back({tag, step, *number});
}

}  // namespace

std::vector<ScalarEvent> EventReader::read() {
  std::vector<ScalarEvent> events;
  while (true) {
    const std::uint64_t offset = records_.offset();
    const std::optional<std::string> record = records_.next();
    if (!record) return events;
    const std::string where = records_.path() + ": the record at byte " + std::to_string(offset);
    std::int64_t step = 0;
    std::vector<std::string_view> summaries;
    for (ProtobufReader event(*record, where); event.next();) {
      if (event.field() == 2) step = event.integer();
      if (event.field() == 5) summaries.push_back(event.bytes());
    }
    for (const std::string_view bytes : summaries) {
      for (ProtobufReader summary(bytes, where); summary.next();) {
        if (summary.field() == 1) read_value(summary.message(), step, events);
      }
    }
  }
}

}  // namespace sinew::io
