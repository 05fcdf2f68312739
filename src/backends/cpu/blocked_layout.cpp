#include "backends/cpu/blocked_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <type_traits>

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

LayoutRuns::LayoutRuns(const BlockedLayout& layout, const Shape& shape) {
  if (shape.rank() != static_cast<int>(layout.axes().size()))
    throw InternalError(fmt::format("layout {} is not one of shape {}", layout.str(), shape.str()));
  if (shape.numel() == 0) return;
  const int last = shape.rank() - 1;
  const BlockedLayout::Axis& axis = layout.axes()[static_cast<std::size_t>(last)];
  const BlockedLayout::Part& part = axis.back();
  stride_ = part.digits.back().stride;
  // Along the last axis, a run ends where a part's numbers or its last digit's do.
  const std::int64_t row = shape[last];
  const std::int64_t period = axis.size() > 1 ? part.count : row;
  std::vector<Run> in_row;
  for (std::int64_t begin = 0; begin < row; begin += period) {
    for (std::int64_t i = 0; i < std::min(period, row - begin); i += part.digits.back().extent)
      in_row.push_back({begin + i, layout.offset(static_cast<std::size_t>(last), begin + i)});
  }
  runs_.clear();
  std::vector<std::int64_t> index(static_cast<std::size_t>(last), 0);
  for (std::int64_t begin = 0; begin < shape.numel(); begin += row) {
    std::int64_t base = 0;
    for (std::size_t a = 0; a < index.size(); ++a) base += layout.offset(a, index[a]);
    for (const Run& run : in_row) runs_.push_back({begin + run.begin, base + run.offset});
    for (std::size_t a = index.size(); a-- > 0;) {
      if (++index[a] < shape[static_cast<int>(a)]) break;
      index[a] = 0;
    }
  }
  runs_.push_back({shape.numel(), 0});
}

namespace {

/// Calls `body` with pointers of the types.
template <typename Body>
void with_types(DType from_type, const void* from, DType to_type, void* to, const Body& body) {
  const auto call = [&](auto source, auto target) {
    return body(static_cast<const decltype(source)*>(from), static_cast<decltype(target)*>(to));
  };
  constexpr DType kFloat = DType::Float32, kNarrow = DType::BFloat16;
  if (from_type == kFloat && to_type == kFloat) return call(float{}, float{});
  if (from_type == kFloat && to_type == kNarrow) return call(float{}, BFloat16{});
  if (from_type == kNarrow && to_type == kFloat) return call(BFloat16{}, float{});
  if (from_type == kNarrow && to_type == kNarrow) return call(BFloat16{}, BFloat16{});
  if (from_type == DType::Float64 && to_type == DType::Float64) return call(double{}, double{});
  throw InternalError(
      fmt::format("no layout turns {} into {}", name_of(from_type), name_of(to_type)));
}

}  // namespace

void LayoutRuns::scatter(DType dtype, const void* from, std::int64_t begin, std::int64_t count,
                         DType stored, void* to) const {
  with_types(dtype, from, stored, to, [&](const auto* source, auto* target) {
    using To = std::remove_pointer_t<decltype(target)>;
    const auto after =
        std::upper_bound(runs_.begin(), runs_.end(), begin,
                         [](std::int64_t at, const Run& run) { return at < run.begin; });
    std::int64_t run = after - runs_.begin() - 1;
    std::int64_t skip = begin - this->begin(run);
    for (std::int64_t left = count; left > 0; ++run, skip = 0) {
      const std::int64_t n = std::min(left, length(run) - skip);
      To* place = target + offset(run) + skip * stride_;
      if (stride_ == 1) {
        std::transform(source, source + n, place,
                       [](auto value) { return static_cast<To>(value); });
      } else {
        for (std::int64_t k = 0; k < n; ++k) place[k * stride_] = static_cast<To>(source[k]);
      }
      source += n;
      left -= n;
    }
  });
}

void LayoutRuns::gather(DType stored, const void* from, DType dtype, void* to) const {
  with_types(stored, from, dtype, to, [&](const auto* source, auto* target) {
    using To = std::remove_pointer_t<decltype(target)>;
    for (std::int64_t run = 0; run < count(); ++run) {
      const auto* place = source + offset(run);
      for (std::int64_t k = 0; k < length(run); ++k)
        *target++ = static_cast<To>(place[k * stride_]);
    }
  });
}

}  // namespace sinew::cpu
