#pragma once

#include <cstdint>
#include <limits>

#include "sinew/base/dtype.h"

namespace sinew::ops {

/// The score of a step that a mask hides: far below any other, and finite, so that a softmax of
/// nothing else is defined. Keras's.
inline double hidden_score(DType dtype) {
  return -0.7 * (dtype == DType::Float64 ? std::numeric_limits<double>::max()
                                         : static_cast<double>(std::numeric_limits<float>::max()));
}

/// Widest head that the blocked kernel's memory is laid out for; wider ones are computed with
/// scores in memory, which are then the smaller part.
inline constexpr std::int64_t kLargestHead = 512;

}  // namespace sinew::ops
