// Bound by reading the shards, from the third-level cache as a rule: a vector of the sum stays in a
// register over all shards.

#include "backends/cpu/sum_shards.h"

#include <algorithm>
#include <type_traits>

#include "sinew/base/parallel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/sum_shards.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include "backends/cpu/bfloat16_vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace sinew::cpu {
namespace HWY_NAMESPACE {

template <typename T, typename To>
void sum_piece(const T* shards, int64_t stride, int64_t shard_count, int64_t count, To* to) {
  const hn::ScalableTag<T> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t k = 0;
  for (; k + lanes <= count; k += lanes) {
    auto sum = hn::LoadU(d, shards + k);
    for (int64_t shard = 1; shard < shard_count; ++shard)
      sum = hn::Add(sum, hn::LoadU(d, shards + shard * stride + k));
    store(sum, d, to + k);
  }
  for (; k < count; ++k) {
    T sum = shards[k];
    for (int64_t shard = 1; shard < shard_count; ++shard) sum += shards[shard * stride + k];
    to[k] = static_cast<To>(sum);
  }
}

void sum_float(const float* shards, int64_t stride, int64_t shard_count, int64_t count, float* to) {
  sum_piece(shards, stride, shard_count, count, to);
}
void sum_rounded(const float* shards, int64_t stride, int64_t shard_count, int64_t count,
                 BFloat16* to) {
  sum_piece(shards, stride, shard_count, count, to);
}
void sum_double(const double* shards, int64_t stride, int64_t shard_count, int64_t count,
                double* to) {
  sum_piece(shards, stride, shard_count, count, to);
}

/// Runs [first, last), one after the other in `to`.
template <typename To>
void sum_runs(const float* shards, int64_t stride, int64_t shard_count, const LayoutRuns& layout,
              int64_t first, int64_t last, To* to) {
  for (int64_t run = first; run < last; ++run) {
    layout.each_piece(run, [&](int64_t begin, int64_t offset, int64_t count) {
      const float* from = shards + offset;
      To* place = to + layout.begin(run) + begin;
      if (layout.stride() == 1) return sum_piece(from, stride, shard_count, count, place);
      for (int64_t k = 0; k < count; ++k)
        sum_piece(from + k * layout.stride(), stride, shard_count, 1, place + k);
    });
  }
}

void sum_runs_float(const float* shards, int64_t stride, int64_t shard_count,
                    const LayoutRuns& layout, int64_t first, int64_t last, float* to) {
  sum_runs(shards, stride, shard_count, layout, first, last, to);
}
void sum_runs_rounded(const float* shards, int64_t stride, int64_t shard_count,
                      const LayoutRuns& layout, int64_t first, int64_t last, BFloat16* to) {
  sum_runs(shards, stride, shard_count, layout, first, last, to);
}

}  // namespace HWY_NAMESPACE
}  // namespace sinew::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sinew::cpu {

HWY_EXPORT(sum_float);
HWY_EXPORT(sum_rounded);
HWY_EXPORT(sum_double);
HWY_EXPORT(sum_runs_float);
HWY_EXPORT(sum_runs_rounded);

template <typename T, typename To>
void sum_shards(const T* shards, std::int64_t stride, std::int64_t shard_count, std::int64_t count,
                To* to) {
  constexpr std::int64_t kPiece = 4096;
  parallel_for((count + kPiece - 1) / kPiece, [&](std::int64_t piece) {
    const std::int64_t begin = piece * kPiece;
    const std::int64_t size = std::min(kPiece, count - begin);
    if constexpr (std::is_same_v<To, BFloat16>) {
      HWY_DYNAMIC_DISPATCH(sum_rounded)(shards + begin, stride, shard_count, size, to + begin);
    } else if constexpr (sizeof(T) == 4) {
      HWY_DYNAMIC_DISPATCH(sum_float)(shards + begin, stride, shard_count, size, to + begin);
    } else {
      HWY_DYNAMIC_DISPATCH(sum_double)(shards + begin, stride, shard_count, size, to + begin);
    }
  });
}

template <typename To>
void sum_shards(const float* shards, std::int64_t stride, std::int64_t shard_count,
                const LayoutRuns& layout, To* to) {
  // A layout that is row-major has runs of whole rows; others of a block's vector.
  const std::int64_t piece_runs = std::max<std::int64_t>(1, 4096 / layout.length(0));
  parallel_for((layout.count() + piece_runs - 1) / piece_runs, [&](std::int64_t piece) {
    const std::int64_t first = piece * piece_runs;
    const std::int64_t last = std::min(layout.count(), first + piece_runs);
    if constexpr (std::is_same_v<To, BFloat16>) {
      HWY_DYNAMIC_DISPATCH(sum_runs_rounded)(shards, stride, shard_count, layout, first, last, to);
    } else {
      HWY_DYNAMIC_DISPATCH(sum_runs_float)(shards, stride, shard_count, layout, first, last, to);
    }
  });
}

template void sum_shards(const float*, std::int64_t, std::int64_t, std::int64_t, float*);
template void sum_shards(const float*, std::int64_t, std::int64_t, std::int64_t, BFloat16*);
template void sum_shards(const float*, std::int64_t, std::int64_t, const LayoutRuns&, float*);
template void sum_shards(const float*, std::int64_t, std::int64_t, const LayoutRuns&, BFloat16*);
template void sum_shards(const double*, std::int64_t, std::int64_t, std::int64_t, double*);

}  // namespace sinew::cpu
#endif
