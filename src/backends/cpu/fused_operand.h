#pragma once

#include <cstdint>
#include <vector>

#include "sinew/graph/graph.h"

namespace sinew::cpu {

/// How an operand is read along the flattened domain of a fused loop.
class OperandReader {
 public:
  /// Row: the same for each row of the domain, such as a bias.
  enum class Access { Contiguous, Splat, Row, Strided };

  /// `operand` must be broadcastable to `domain`, whose rows have `columns` elements.
  OperandReader(const TensorType& operand, const Shape& domain, std::int64_t columns);

  /// The extent of an operand that is the same for each row of a larger domain, if such it is, and
  /// 0 otherwise.
  static std::int64_t row_extent(const Shape& operand, const Shape& domain);

  Access access() const { return access_; }
  DType dtype() const { return dtype_; }

  /// Elements [begin, begin + count) of the domain, converted to T, into `block`. For a Row,
  /// `begin` is the column.
  template <typename T>
  void load(const void* data, std::int64_t begin, std::int64_t count, T* block) const;

 private:
  template <typename T, typename Source>
  void load_strided(const Source* data, std::int64_t begin, std::int64_t count, T* block) const;

  Access access_ = Access::Contiguous;
  DType dtype_;
  /// Strided: extents of the domain with neighbouring axes joined where the operand allows it,
  /// innermost last, and the operand's strides along them (0 where it is broadcast).
  std::vector<std::int64_t> extents_;
  std::vector<std::int64_t> strides_;
};

/// Writes a block to elements [begin, begin + count) of a buffer of another dtype.
template <typename T>
void store_converted(const T* block, std::int64_t begin, std::int64_t count, DType dtype,
                     void* data);

}  // namespace sinew::cpu
