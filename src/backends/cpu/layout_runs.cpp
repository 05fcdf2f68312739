// Scattering is what the optimizer's loop does with the values that it has just computed, a block
// of 512 at a time: bound by stores. Values are rounded a vector at a time first, and then only
// moved. bfloat16 lies in pairs along the summed axis as a rule: neighbours are two elements apart
// and go out in masked vectors (1600 x 128 weights, rounding included, one thread: 0.04 ms against
// 0.15 one by one), or, where the other axis is innermost, pairs are moved as words (0.07 ms).

#include "backends/cpu/layout_runs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "backends/cpu/bfloat16_block.h"
#include "sinew/base/error.h"

namespace sinew::cpu {

LayoutRuns::LayoutRuns(const BlockedLayout& layout, const Shape& shape) {
  if (shape.rank() != static_cast<int>(layout.axes().size()))
    throw InternalError(fmt::format("layout {} is not one of shape {}", layout.str(), shape.str()));
  if (shape.numel() == 0) return;
  const int last = shape.rank() - 1;
  const BlockedLayout::Axis& axis = layout.axes()[static_cast<std::size_t>(last)];
  const auto& digits = axis.back().digits;
  const std::int64_t row = shape[last];
  // Along the last axis, a run ends where a part's numbers or its last two digits do.
  const std::int64_t period = axis.size() > 1 ? axis.back().count : row;
  stride_ = digits.back().stride;
  piece_ = digits.size() > 1 ? digits.back().extent : period;
  std::int64_t longest = period;
  if (digits.size() > 1) {
    const BlockedLayout::Digit& outer = digits[digits.size() - 2];
    step_ = outer.stride;
    // The outermost digit counts on as far as the axis goes.
    if (digits.size() > 2) longest = outer.extent * piece_;
  }
  std::vector<Run> in_row;
  for (std::int64_t begin = 0; begin < row; begin += period) {
    for (std::int64_t i = 0; i < std::min(period, row - begin); i += longest)
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

std::int64_t LayoutRuns::run_of(std::int64_t element) const {
  const auto after =
      std::upper_bound(runs_.begin(), runs_.end(), element,
                       [](std::int64_t number, const Run& run) { return number < run.begin; });
  return after - runs_.begin() - 1;
}

namespace {

template <typename T>
void spread(const T* from, std::int64_t count, std::int64_t stride, T* to) {
  if (stride == 1) {
    std::copy_n(from, count, to);
    return;
  }
  if constexpr (std::is_same_v<T, BFloat16>) {
    if (stride == 2) return store_apart(from, count, to);
  }
  for (std::int64_t k = 0; k < count; ++k) to[k * stride] = from[k];
}

[[noreturn]] void refuse(DType from, DType to) {
  throw InternalError(fmt::format("no layout turns {} into {}", name_of(from), name_of(to)));
}

}  // namespace

/// Elements [first, first + count) of a run, to a buffer in which it begins at `run`.
template <typename T>
void LayoutRuns::place(const T* from, std::int64_t first, std::int64_t count, T* run) const {
  if (piece_ == 2 && stride_ == 1 && first % 2 == 0) {
    T* to = run + first / 2 * step_;
    for (; count >= 2; count -= 2, from += 2, to += step_) std::memcpy(to, from, 2 * sizeof(T));
    if (count > 0) *to = *from;
    return;
  }
  std::int64_t in_piece = first % piece_;
  T* to = run + first / piece_ * step_;
  for (; count > 0; in_piece = 0, to += step_) {
    const std::int64_t n = std::min(count, piece_ - in_piece);
    spread(from, n, stride_, to + in_piece * stride_);
    from += n;
    count -= n;
  }
}

template <typename T>
void LayoutRuns::scatter(const T* from, std::int64_t begin, std::int64_t count, T* to) const {
  std::int64_t run = run_of(begin);
  std::int64_t first = begin - this->begin(run);
  for (; count > 0; ++run, first = 0) {
    const std::int64_t n = std::min(count, length(run) - first);
    place(from, first, n, to + at(run).offset);
    from += n;
    count -= n;
  }
}

void LayoutRuns::scatter(DType dtype, const void* from, std::int64_t begin, std::int64_t count,
                         DType stored, void* to) const {
  if (dtype == DType::Float32 && stored == DType::BFloat16) {
    constexpr std::int64_t kBlock = 512;
    BFloat16 rounded[kBlock];
    const float* values = static_cast<const float*>(from);
    for (std::int64_t done = 0; done < count; done += kBlock) {
      const std::int64_t n = std::min(kBlock, count - done);
      narrow(values + done, n, rounded);
      scatter(rounded, begin + done, n, static_cast<BFloat16*>(to));
    }
    return;
  }
  if (dtype != stored) refuse(dtype, stored);
  const auto move = [&](auto zero) {
    using T = decltype(zero);
    scatter(static_cast<const T*>(from), begin, count, static_cast<T*>(to));
  };
  if (dtype == DType::Float32) return move(float{});
  if (dtype == DType::Float64) return move(double{});
  if (dtype == DType::BFloat16) return move(BFloat16{});
  refuse(dtype, stored);
}

void LayoutRuns::gather(DType stored, const void* from, DType dtype, void* to) const {
  const auto move = [&](const auto* source, auto* target) {
    using To = std::remove_pointer_t<decltype(target)>;
    for (std::int64_t run = 0; run < count(); ++run) {
      each_piece(run, [&](std::int64_t, std::int64_t offset, std::int64_t n) {
        for (std::int64_t k = 0; k < n; ++k)
          *target++ = static_cast<To>(source[offset + k * stride_]);
      });
    }
  };
  if (dtype == DType::Float32 && stored == DType::BFloat16)
    return move(static_cast<const BFloat16*>(from), static_cast<float*>(to));
  if (dtype != stored) refuse(stored, dtype);
  if (dtype == DType::Float32)
    return move(static_cast<const float*>(from), static_cast<float*>(to));
  if (dtype == DType::Float64)
    return move(static_cast<const double*>(from), static_cast<double*>(to));
  if (dtype == DType::BFloat16)
    return move(static_cast<const BFloat16*>(from), static_cast<BFloat16*>(to));
  refuse(stored, dtype);
}

}  // namespace sinew::cpu
