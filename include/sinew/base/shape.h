#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

namespace sinew {

/// Extents of a tensor, outermost first. Rank 0 is a scalar. Extents are >= 0 once a tensor exists;
/// the value kUnknown stands for the batch extent in shapes that describe a layer before it has
/// seen data.
class Shape {
 public:
  static constexpr std::int64_t kUnknown = -1;

  Shape() = default;
  Shape(std::initializer_list<std::int64_t> dims) : dims_(dims) {}
  explicit Shape(std::vector<std::int64_t> dims) : dims_(std::move(dims)) {}

  int rank() const { return static_cast<int>(dims_.size()); }
  /// Extent of an axis; negative axes count from the end. Throws ShapeError when out of range.
  std::int64_t operator[](int axis) const;
  /// Number of elements; throws ShapeError when the product overflows or an extent is unknown or
  /// negative.
  std::int64_t numel() const;
  const std::vector<std::int64_t>& dims() const { return dims_; }
  auto begin() const { return dims_.begin(); }
  auto end() const { return dims_.end(); }
  bool operator==(const Shape&) const = default;

  /// The same extents with a new outermost one / without the outermost one / with one axis
  /// replaced.
  Shape prepend(std::int64_t dim) const;
  Shape drop_front() const;
  Shape with(int axis, std::int64_t dim) const;
  /// "(32, 28, 28, 1)"; unknown extents print as None, as in Keras.
  std::string str() const;

 private:
  std::vector<std::int64_t> dims_;
};

/// Resolves a negative axis; throws ShapeError naming `what` when it is out of [-rank, rank).
int normalize_axis(int axis, int rank, const char* what);
/// NumPy's broadcasting of two shapes; throws ShapeError naming both when they are incompatible.
Shape broadcast_shapes(const Shape& a, const Shape& b);
/// Row-major strides in elements.
std::vector<std::int64_t> row_major_strides(const Shape& shape);

}  // namespace sinew
