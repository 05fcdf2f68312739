#pragma once

#include <vector>

#include "sinew/graph/graph.h"

namespace sinew::ops {

/// x without its first `before` and last `after` elements of each axis (one entry an axis, >= 0):
/// what pad() has added, taken away in one pass over memory. Users slice(), axis by axis.
Value crop(Value x, std::vector<std::int64_t> before, std::vector<std::int64_t> after);

}  // namespace sinew::ops
