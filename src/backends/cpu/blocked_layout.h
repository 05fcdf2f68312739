#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sinew/base/dtype.h"
#include "sinew/base/shape.h"

namespace sinew::cpu {

/// Where the elements of a tensor lie in a buffer: each axis's index is written in digits,
/// outermost first, and a digit moves the element by its stride. Columns in panels of 16, for
/// example: rows 3*16, columns 4*48+16*1. Extents may cover more than the tensor has (padding).
class BlockedLayout {
 public:
  struct Digit {
    std::int64_t extent, stride;
    bool operator==(const Digit&) const = default;
  };
  struct Part {
    /// Of an axis's parts: how many numbers this one has, padding left out.
    std::int64_t count;
    std::vector<Digit> digits;
    bool operator==(const Part&) const = default;
  };
  /// Outermost first.
  using Axis = std::vector<Part>;

  /// An axis of one part.
  static Axis axis(std::vector<Digit> digits) { return {{0, std::move(digits)}}; }

  /// `size` is the buffer's, in elements. `stored` is what a tensor's elements are rounded to.
  BlockedLayout(DType stored, std::vector<Axis> axes, std::int64_t size);
  /// Reads str(); throws InternalError for any other text.
  static BlockedLayout parse(const std::string& text);
  /// "float32 192(3*16, 4*48+16*1)": what TensorType::layout holds. Parts of an axis are written as
  /// 2:2*96/24:2*48+16*1.
  std::string str() const;
  /// The same, but empty where a tensor of this type would lie so, row-major, anyway.
  std::string name_for(DType dtype, const Shape& shape) const;

  DType stored() const { return stored_; }
  std::size_t bytes() const { return static_cast<std::size_t>(size_) * size_of(stored_); }
  std::int64_t size() const { return size_; }
  const std::vector<Axis>& axes() const { return axes_; }
  std::int64_t offset(std::size_t axis, std::int64_t index) const;
  bool row_major(const Shape& shape) const;

 private:
  DType stored_;
  std::vector<Axis> axes_;
  std::int64_t size_;
};

}  // namespace sinew::cpu
