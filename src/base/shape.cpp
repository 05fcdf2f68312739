#include "sinew/base/shape.h"

#include <fmt/format.h>

#include <algorithm>

#include "sinew/base/error.h"

namespace sinew {

std::int64_t Shape::operator[](int axis) const {
  return dims_[static_cast<std::size_t>(normalize_axis(axis, rank(), "shape"))];
}

std::int64_t Shape::numel() const {
  std::int64_t count = 1;
  for (std::int64_t dim : dims_) {
    if (dim < 0) throw ShapeError(fmt::format("shape {} has an unknown extent, so no size", str()));
    if (__builtin_mul_overflow(count, dim, &count)) {
      throw ShapeError(fmt::format("shape {} has more elements than 64 bits can count", str()));
    }
  }
  return count;
}

Shape Shape::prepend(std::int64_t dim) const {
  std::vector<std::int64_t> dims{dim};
  dims.insert(dims.end(), dims_.begin(), dims_.end());
  return Shape(std::move(dims));
}

Shape Shape::drop_front() const {
  if (dims_.empty()) throw ShapeError("a scalar has no outermost axis to drop");
  return Shape(std::vector<std::int64_t>(dims_.begin() + 1, dims_.end()));
}

Shape Shape::with(int axis, std::int64_t dim) const {
  Shape result = *this;
  result.dims_[static_cast<std::size_t>(normalize_axis(axis, rank(), "shape"))] = dim;
  return result;
}

std::string Shape::str() const {
  std::string text = "(";
  for (std::size_t i = 0; i < dims_.size(); ++i) {
    if (i) text += ", ";
    text += dims_[i] == kUnknown ? "None" : std::to_string(dims_[i]);
  }
  return text + (dims_.size() == 1 ? ",)" : ")");
}

int normalize_axis(int axis, int rank, const char* what) {
  if (axis < -rank || axis >= rank) {
    throw ShapeError(fmt::format("{}: axis {} is out of range for rank {}", what, axis, rank));
  }
  return axis < 0 ? axis + rank : axis;
}

Shape broadcast_shapes(const Shape& a, const Shape& b) {
  const int rank = std::max(a.rank(), b.rank());
  std::vector<std::int64_t> dims(static_cast<std::size_t>(rank));
  for (int i = 1; i <= rank; ++i) {
    const std::int64_t da = i <= a.rank() ? a[-i] : 1;
    const std::int64_t db = i <= b.rank() ? b[-i] : 1;
    if (da != db && da != 1 && db != 1) {
      throw ShapeError(
          fmt::format("shapes {} and {} cannot be broadcast together", a.str(), b.str()));
    }
    dims[static_cast<std::size_t>(rank - i)] = da == 1 ? db : da;
  }
  return Shape(std::move(dims));
}

std::vector<std::int64_t> row_major_strides(const Shape& shape) {
  std::vector<std::int64_t> strides(static_cast<std::size_t>(shape.rank()), 1);
  for (int axis = shape.rank() - 2; axis >= 0; --axis) {
    const auto i = static_cast<std::size_t>(axis);
    strides[i] = strides[i + 1] * shape.dims()[i + 1];
  }
  return strides;
}

}  // namespace sinew
