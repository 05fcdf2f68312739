#include "backends/cpu/blocked_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "sinew/base/error.h"

namespace sinew::cpu {
namespace {

using Digits = std::vector<BlockedLayout::Digit>;

std::int64_t product(const Digits& digits) {
  std::int64_t result = 1;
  for (const auto& digit : digits) result *= digit.extent;
  return result;
}

/// Without digits of one value, and with digits joined whose elements lie as those of one.
Digits simplest(const Digits& digits) {
  Digits result;
  for (const BlockedLayout::Digit& digit : digits) {
    if (digit.extent == 1) continue;
    if (!result.empty() && result.back().stride == digit.stride * digit.extent) {
      result.back() = {result.back().extent * digit.extent, digit.stride};
    } else {
      result.push_back(digit);
    }
  }
  if (result.empty()) result.push_back({1, 1});
  return result;
}

/// With parts joined where the inner one has no padding.
BlockedLayout::Axis simplest(const BlockedLayout::Axis& axis) {
  BlockedLayout::Axis result;
  for (const BlockedLayout::Part& part : axis) {
    if (!result.empty() && product(part.digits) == part.count) {
      Digits& digits = result.back().digits;
      digits.insert(digits.end(), part.digits.begin(), part.digits.end());
      result.back().count *= part.count;
    } else {
      result.push_back(part);
    }
  }
  for (BlockedLayout::Part& part : result) part.digits = simplest(part.digits);
  if (result.size() == 1) result[0].count = 0;
  return result;
}

/// Reads "float32 192(3*16, 4*48+16*1)" from the left.
class Reader {
 public:
  explicit Reader(const std::string& text)
      : text_(text), at_(text.data()), end_(text.data() + text.size()) {}
  std::int64_t number() {
    std::int64_t value = 0;
    const auto [next, error] = std::from_chars(at_, end_, value);
    if (error != std::errc() || value < 0) fail();
    at_ = next;
    return value;
  }
  DType dtype() {
    for (DType type : {DType::Float32, DType::Float64, DType::BFloat16}) {
      if (take(name_of(type))) {
        expect(" ");
        return type;
      }
    }
    fail();
  }
  BlockedLayout::Part part() {
    std::int64_t first = number();
    BlockedLayout::Part part{0, {}};
    if (take(":")) {
      part.count = first;
      first = number();
    }
    expect("*");
    part.digits.push_back({first, number()});
    while (take("+")) {
      const std::int64_t extent = number();
      expect("*");
      part.digits.push_back({extent, number()});
    }
    return part;
  }
  bool take(std::string_view expected) {
    if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(expected))
      return false;
    at_ += expected.size();
    return true;
  }
  void expect(std::string_view expected) {
    if (!take(expected)) fail();
  }
  [[noreturn]] void fail() const {
    throw InternalError(fmt::format("the CPU backend has no layout '{}'", text_));
  }

 private:
  const std::string& text_;
  const char* at_;
  const char* end_;
};

}  // namespace

BlockedLayout::BlockedLayout(DType stored, std::vector<Axis> axes, std::int64_t size)
    : stored_(stored), axes_(std::move(axes)), size_(size) {
  for (Axis& axis : axes_) axis = simplest(axis);
}

BlockedLayout BlockedLayout::parse(const std::string& text) {
  Reader reader(text);
  const DType stored = reader.dtype();
  const std::int64_t size = reader.number();
  std::vector<Axis> axes;
  reader.expect("(");
  do {
    Axis axis;
    do axis.push_back(reader.part());
    while (reader.take("/"));
    axes.push_back(std::move(axis));
  } while (reader.take(", "));
  reader.expect(")");
  return {stored, std::move(axes), size};
}

std::string BlockedLayout::str() const {
  std::string text = fmt::format("{} {}(", name_of(stored_), size_);
  for (std::size_t a = 0; a < axes_.size(); ++a) {
    if (a > 0) text += ", ";
    for (std::size_t p = 0; p < axes_[a].size(); ++p) {
      const Part& part = axes_[a][p];
      if (p > 0) text += "/";
      if (axes_[a].size() > 1) text += fmt::format("{}:", part.count);
      for (std::size_t i = 0; i < part.digits.size(); ++i) {
        text +=
            fmt::format("{}{}*{}", i > 0 ? "+" : "", part.digits[i].extent, part.digits[i].stride);
      }
    }
  }
  return text + ")";
}

std::string BlockedLayout::name_for(DType dtype, const Shape& shape) const {
  return dtype == stored_ && row_major(shape) ? "" : str();
}

std::int64_t BlockedLayout::offset(std::size_t axis, std::int64_t index) const {
  std::int64_t sum = 0;
  for (std::size_t p = axes_[axis].size(); p-- > 0;) {
    const Part& part = axes_[axis][p];
    std::int64_t number = p == 0 ? index : index % part.count;
    for (std::size_t i = part.digits.size(); i-- > 0;) {
      const Digit& digit = part.digits[i];
      sum += (i == 0 ? number : number % digit.extent) * digit.stride;
      number /= digit.extent;
    }
    if (p > 0) index /= part.count;
  }
  return sum;
}

bool BlockedLayout::row_major(const Shape& shape) const {
  std::int64_t stride = 1;
  for (int a = shape.rank(); a-- > 0;) {
    const Axis& axis = axes_[static_cast<std::size_t>(a)];
    const bool simple = axis.size() == 1 && axis[0].digits.size() == 1;
    if (shape[a] > 1 && !(simple && axis[0].digits[0].stride == stride)) return false;
    stride *= shape[a];
  }
  return size_ == stride;
}

}  // namespace sinew::cpu
