#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sinew/base/dtype.h"
#include "sinew/base/shape.h"

namespace sinew {

/// A concrete array on the host: row-major, contiguous, 64-byte aligned. Copies share the buffer;
/// clone() copies it. Used at the borders only (data in, results out); inside a step there are only
/// arena offsets.
class Tensor {
 public:
  /// An empty tensor: defined() is false.
  Tensor() = default;
  /// Zero-filled. Throws ShapeError when the size overflows and MemoryError when it cannot be had.
  explicit Tensor(Shape shape, DType dtype = DType::Float32);

  template <typename T>
  static Tensor from(const std::vector<T>& values, Shape shape);
  template <typename T>
  static Tensor scalar(T value) {
    return from(std::vector<T>{value}, Shape{});
  }
  static Tensor full(Shape shape, double value, DType dtype = DType::Float32);
  /// Shares memory that `owner` keeps alive; `data` must be aligned for the element type.
  static Tensor wrap(std::shared_ptr<void> owner, void* data, Shape shape, DType dtype);

  bool defined() const { return buffer_ != nullptr; }
  const Shape& shape() const { return shape_; }
  DType dtype() const { return dtype_; }
  std::int64_t numel() const { return numel_; }
  std::size_t bytes() const { return static_cast<std::size_t>(numel_) * size_of(dtype_); }

  void* raw() { return data_; }
  const void* raw() const { return data_; }
  /// Typed view of all elements; throws DTypeError when T is not the element type.
  template <typename T>
  std::span<T> data() {
    check_dtype(DTypeOf<T>::value);
    return {static_cast<T*>(data_), static_cast<std::size_t>(numel_)};
  }
  template <typename T>
  std::span<const T> data() const {
    check_dtype(DTypeOf<T>::value);
    return {static_cast<const T*>(data_), static_cast<std::size_t>(numel_)};
  }
  /// One element by flat index, converted to double, whatever the element type.
  double at(std::int64_t flat_index) const;

  /// The same buffer seen with another shape of as many elements; one extent may be -1.
  Tensor reshape(Shape shape) const;
  /// Rows [begin, end) of the outermost axis, sharing the buffer.
  Tensor rows(std::int64_t begin, std::int64_t end) const;
  Tensor clone() const;
  /// Converted to another element type (a copy, even when the type is the same).
  Tensor cast(DType dtype) const;

 private:
  void check_dtype(DType wanted) const;
  void check_count(std::int64_t count) const;

  std::shared_ptr<void> buffer_;
  void* data_ = nullptr;
  Shape shape_;
  DType dtype_ = DType::Float32;
  std::int64_t numel_ = 0;
};

template <typename T>
Tensor Tensor::from(const std::vector<T>& values, Shape shape) {
  Tensor result(std::move(shape), DTypeOf<T>::value);
  result.check_count(static_cast<std::int64_t>(values.size()));
  std::copy(values.begin(), values.end(), static_cast<T*>(result.data_));
  return result;
}

/// 64-byte aligned, zero-filled memory; throws MemoryError naming the size when it cannot be had.
std::shared_ptr<void> allocate_aligned(std::size_t bytes);

}  // namespace sinew
