#include "backends/cpu/fused_operand.h"

#include <algorithm>
#include <type_traits>

#include "backends/cpu/bfloat16_block.h"
#include "backends/cpu/fused_block.h"

namespace sinew::cpu {
namespace {

/// Axes of one element do not count, and more axes of two would be more elements than can be
/// numbered.
constexpr std::size_t kMaxAxes = 64;

template <typename T, typename Source>
void convert(const Source* from, std::int64_t count, T* to) {
  if constexpr (std::is_same_v<T, float> && std::is_same_v<Source, BFloat16>) {
    widen(from, count, to);
  } else {
    std::copy_n(from, count, to);
  }
}

}  // namespace

std::int64_t OperandReader::row_extent(const Shape& operand, const Shape& domain) {
  std::int64_t extent = 1;
  int axis = -1;
  for (; axis >= -operand.rank() && operand[axis] == domain[axis]; --axis) extent *= domain[axis];
  return extent > 1 && extent == operand.numel() && extent < domain.numel() ? extent : 0;
}

OperandReader::OperandReader(const TensorType& operand, const Shape& domain, std::int64_t columns)
    : dtype_(operand.dtype) {
  if (operand.shape.numel() == 1 && domain.numel() == 1) return;
  if (operand.shape.numel() == 1) {
    access_ = Access::Splat;
    return;
  }
  if (columns > 0 && row_extent(operand.shape, domain) == columns) {
    access_ = Access::Row;
    return;
  }
  const std::vector<std::int64_t> own = row_major_strides(operand.shape);
  const int lead = domain.rank() - operand.shape.rank();
  for (int axis = 0; axis < domain.rank(); ++axis) {
    const std::int64_t extent = domain[axis];
    if (extent == 1) continue;
    const bool present = axis >= lead && operand.shape[axis - lead] != 1;
    const std::int64_t stride = present ? own[static_cast<std::size_t>(axis - lead)] : 0;
    if (!extents_.empty() && strides_.back() == stride * extent) {
      extents_.back() *= extent;
      strides_.back() = stride;
    } else {
      extents_.push_back(extent);
      strides_.push_back(stride);
    }
  }
  access_ = extents_.size() == 1 && strides_[0] == 1 ? Access::Contiguous : Access::Strided;
}

/// Runs along the innermost axis; the outer ones count like an odometer.
template <typename T, typename Source>
void OperandReader::load_strided(const Source* data, std::int64_t begin, std::int64_t count,
                                 T* block) const {
  const std::size_t inner = extents_.size() - 1;
  std::int64_t index[kMaxAxes];
  std::int64_t rest = begin;
  const Source* from = data;
  for (std::size_t axis = inner + 1; axis-- > 0;) {
    index[axis] = rest % extents_[axis];
    rest /= extents_[axis];
    from += index[axis] * strides_[axis];
  }
  const std::int64_t stride = strides_[inner];
  std::int64_t run = std::min(extents_[inner] - index[inner], count);
  for (std::int64_t done = 0;;) {
    if (stride == 0) {
      fill_block(static_cast<T>(*from), run, block + done);
    } else if (stride == 1) {
      convert(from, run, block + done);
    } else {
      for (std::int64_t i = 0; i < run; ++i) block[done + i] = static_cast<T>(from[i * stride]);
    }
    done += run;
    if (done == count) return;
    from -= index[inner] * stride;
    index[inner] = 0;
    for (std::size_t axis = inner; axis-- > 0;) {
      from += strides_[axis];
      if (++index[axis] < extents_[axis]) break;
      from -= extents_[axis] * strides_[axis];
      index[axis] = 0;
    }
    run = std::min(extents_[inner], count - done);
  }
}

template <typename T>
void OperandReader::load(const void* data, std::int64_t begin, std::int64_t count, T* block) const {
  dispatch(dtype_, [&](auto zero) {
    const auto* from = static_cast<const decltype(zero)*>(data);
    if (access_ == Access::Strided) {
      load_strided(from, begin, count, block);
    } else if (access_ == Access::Splat) {
      fill_block(static_cast<T>(from[0]), count, block);
    } else {
      convert(from + begin, count, block);
    }
  });
}

template <typename T>
void store_converted(const T* block, std::int64_t begin, std::int64_t count, DType dtype,
                     void* data) {
  dispatch(dtype, [&](auto zero) {
    using Target = decltype(zero);
    Target* to = static_cast<Target*>(data) + begin;
    if constexpr (std::is_same_v<T, float> && std::is_same_v<Target, BFloat16>)
      return narrow(block, count, to);
    for (std::int64_t i = 0; i < count; ++i) to[i] = static_cast<Target>(block[i]);
  });
}

template void OperandReader::load(const void*, std::int64_t, std::int64_t, float*) const;
template void OperandReader::load(const void*, std::int64_t, std::int64_t, double*) const;
template void store_converted(const float*, std::int64_t, std::int64_t, DType, void*);
template void store_converted(const double*, std::int64_t, std::int64_t, DType, void*);

}  // namespace sinew::cpu
