#include "sinew/base/tensor.h"

#include <fmt/format.h>

#include <cstring>

#include "base/memory.h"
#include "sinew/base/error.h"

namespace sinew {

Tensor::Tensor(Shape shape, DType dtype) : shape_(std::move(shape)), dtype_(dtype) {
  numel_ = shape_.numel();
  std::int64_t bytes = 0;
  if (__builtin_mul_overflow(numel_, static_cast<std::int64_t>(size_of(dtype)), &bytes)) {
    throw ShapeError(
        fmt::format("a tensor of shape {} and dtype {} has more bytes than 64 bits can count",
                    shape_.str(), name_of(dtype)));
  }
  buffer_ = allocate_aligned(static_cast<std::size_t>(bytes));
  data_ = buffer_.get();
}

Tensor Tensor::full(Shape shape, double value, DType dtype) {
  Tensor result(std::move(shape), dtype);
  dispatch(dtype, [&](auto zero) {
    using T = decltype(zero);
    auto span = result.data<T>();
    std::fill(span.begin(), span.end(), static_cast<T>(value));
  });
  return result;
}

Tensor Tensor::wrap(std::shared_ptr<void> owner, void* data, Shape shape, DType dtype) {
  Tensor result;
  result.numel_ = shape.numel();
  result.buffer_ = std::move(owner);
  result.data_ = data;
  result.shape_ = std::move(shape);
  result.dtype_ = dtype;
  return result;
}

void Tensor::check_dtype(DType wanted) const {
  if (wanted != dtype_) {
    throw DTypeError(
        fmt::format("tensor of dtype {} was read as {}", name_of(dtype_), name_of(wanted)));
  }
}

void Tensor::check_count(std::int64_t count) const {
  if (count != numel_) {
    throw ShapeError(fmt::format("{} values given for a tensor of shape {}, which has {}", count,
                                 shape_.str(), numel_));
  }
}

double Tensor::at(std::int64_t flat_index) const {
  if (flat_index < 0 || flat_index >= numel_) {
    throw ShapeError(fmt::format("element {} of a tensor of shape {}", flat_index, shape_.str()));
  }
  return dispatch(dtype_, [&](auto zero) {
    return static_cast<double>(static_cast<const decltype(zero)*>(data_)[flat_index]);
  });
}

Tensor Tensor::reshape(Shape shape) const {
  std::vector<std::int64_t> dims = shape.dims();
  auto unknown = std::find(dims.begin(), dims.end(), Shape::kUnknown);
  if (unknown != dims.end()) {
    *unknown = 1;
    const std::int64_t known = Shape(dims).numel();
    *unknown = known == 0 ? 0 : numel_ / known;
  }
  Tensor result = *this;
  result.shape_ = Shape(std::move(dims));
  result.check_count(numel_);
  return result;
}

Tensor Tensor::rows(std::int64_t begin, std::int64_t end) const {
  if (shape_.rank() == 0 || begin < 0 || begin > end || end > shape_[0]) {
    throw ShapeError(
        fmt::format("rows [{}, {}) of a tensor of shape {}", begin, end, shape_.str()));
  }
  Tensor result = *this;
  result.shape_ = shape_.with(0, end - begin);
  result.numel_ = result.shape_.numel();
  const std::size_t row_bytes =
      static_cast<std::size_t>(shape_.drop_front().numel()) * size_of(dtype_);
  result.data_ = static_cast<char*>(data_) + static_cast<std::size_t>(begin) * row_bytes;
  return result;
}

Tensor Tensor::clone() const {
  if (!defined()) return {};
  Tensor result(shape_, dtype_);
  std::memcpy(result.data_, data_, bytes());
  return result;
}

Tensor Tensor::cast(DType dtype) const {
  Tensor result(shape_, dtype);
  dispatch(dtype_, [&](auto from) {
    dispatch(dtype, [&](auto to) {
      const auto source = data<decltype(from)>();
      const auto target = result.data<decltype(to)>();
      for (std::size_t i = 0; i < source.size(); ++i)
        target[i] = static_cast<decltype(to)>(source[i]);
    });
  });
  return result;
}

}  // namespace sinew
