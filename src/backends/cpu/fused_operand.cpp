#include "backends/cpu/fused_operand.h"

#include <algorithm>
#include <type_traits>

#include "backends/cpu/bfloat16_block.h"

namespace sinew::cpu {

OperandReader::OperandReader(const TensorType& operand, const Shape& domain)
    : dtype_(operand.dtype) {
  if (operand.shape.numel() == 1 && domain.numel() == 1) return;
  if (operand.shape.numel() == 1) {
    access_ = Access::Splat;
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

template <typename T, typename Source>
void OperandReader::load_as(const Source* data, std::int64_t begin, std::int64_t count,
                            T* block) const {
  if (access_ == Access::Splat) {
    std::fill(block, block + count, static_cast<T>(data[0]));
    return;
  }
  if (access_ == Access::Contiguous) {
    if constexpr (std::is_same_v<T, float> && std::is_same_v<Source, BFloat16>)
      return widen(data + begin, count, block);
    for (std::int64_t i = 0; i < count; ++i) block[i] = static_cast<T>(data[begin + i]);
    return;
  }
  const std::size_t inner = extents_.size() - 1;
  std::int64_t done = 0;
  while (done < count) {
    std::int64_t index = begin + done;
    const std::int64_t column = index % extents_[inner];
    index /= extents_[inner];
    std::int64_t offset = 0;
    for (std::size_t axis = inner; axis-- > 0;) {
      offset += index % extents_[axis] * strides_[axis];
      index /= extents_[axis];
    }
    const std::int64_t run = std::min(extents_[inner] - column, count - done);
    const std::int64_t stride = strides_[inner];
    const Source* from = data + offset + column * stride;
    if (stride == 0) {
      std::fill(block + done, block + done + run, static_cast<T>(*from));
    } else {
      for (std::int64_t i = 0; i < run; ++i) block[done + i] = static_cast<T>(from[i * stride]);
    }
    done += run;
  }
}

template <typename T>
void OperandReader::load(const void* data, std::int64_t begin, std::int64_t count, T* block) const {
  dispatch(dtype_, [&](auto zero) {
    load_as(static_cast<const decltype(zero)*>(data), begin, count, block);
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
