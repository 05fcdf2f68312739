#pragma once

#include <cstdint>

namespace sinew::cpu {

/// to[k] = the sum over shards of shards[shard * stride + k] for k in [0, count), added in the
/// order of the shards, by the team: the end of a sum that was cut by the shape. `to` may be the
/// first shard.
template <typename T>
void sum_shards(const T* shards, std::int64_t stride, std::int64_t shard_count, std::int64_t count,
                T* to);

}  // namespace sinew::cpu
