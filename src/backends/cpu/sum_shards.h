#pragma once

#include <cstdint>

#include "backends/cpu/layout_runs.h"
#include "sinew/base/bfloat16.h"

namespace sinew::cpu {

/// to[k] = the sum over shards of shards[shard * stride + k] for k in [0, count), added in the
/// order of the shards, by the team: the end of a sum that was cut by the shape. `to` may be the
/// first shard. Float sums may be rounded to bfloat16.
template <typename T, typename To>
void sum_shards(const T* shards, std::int64_t stride, std::int64_t shard_count, std::int64_t count,
                To* to);

/// The same for shards in a layout, into a row-major sum.
template <typename To>
void sum_shards(const float* shards, std::int64_t stride, std::int64_t shard_count,
                const LayoutRuns& layout, To* to);

}  // namespace sinew::cpu
