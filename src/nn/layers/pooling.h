#pragma once

#include "sinew/ops/pool.h"
#include "sinew/ops/reduce.h"

namespace sinew::layers {

/// What a pooling layer makes of a window's cells.
enum class Pooling { Max, Average };

inline const char* name_of(Pooling pooling) { return pooling == Pooling::Max ? "Max" : "Average"; }
inline Value pool(Pooling pooling, Value x, ops::PoolOptions options) {
  return pooling == Pooling::Max ? ops::max_pool(x, std::move(options))
                                 : ops::average_pool(x, std::move(options));
}
inline Value reduce(Pooling pooling, Value x, std::vector<int> axes, bool keepdims) {
  return pooling == Pooling::Max ? ops::max(x, std::move(axes), keepdims)
                                 : ops::mean(x, std::move(axes), keepdims);
}

}  // namespace sinew::layers
