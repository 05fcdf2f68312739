#pragma once

#include "sinew/graph/graph.h"

namespace sinew::ops {

struct MatmulOptions {
  /// Swap the last two axes of an operand first.
  bool transpose_a = false;
  bool transpose_b = false;
};

/// Matrix product over the last two axes: (…, M, K) x (…, K, N) -> (…, M, N). Leading axes are
/// broadcast; b of rank 2 is shared by all of a's leading axes. Both floating, of one dtype, of
/// rank >= 2. Errors: ShapeError naming both shapes when the inner extents differ.
Value matmul(Value a, Value b, MatmulOptions options = {});

}  // namespace sinew::ops
