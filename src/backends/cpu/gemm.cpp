// Products with a long inner extent: weight gradients, and layers of many inputs. 2 m n k FLOPs.
//
// y is cut into tiles of at most 256 x 128, one task of one thread each, over the whole inner
// extent: no partial results of y go through memory (a split of the inner extent over threads, as
// oneDNN's, needs one copy of y a shard). A tile goes over the inner extent 128 steps at a time:
// both operands' parts are copied next to each other into the task's stack (a 128 KB, b 64 KB; 1 /
// 128 and 1 / 256 of the multiply-adds), which also takes the strides of 4 KB apart that would
// throw each other out of the first-level cache, and multiplied into the tile (128 KB) by the
// blocks of tile_product-inl.h. All three stay in the second-level cache; the multiply-adds are the
// bound.
//
// Two cores, AVX-512, share of peak (oneDNN 2.6's in brackets): see docs/performance.md.

#include "backends/cpu/gemm.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/gemm.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#include "backends/cpu/tile_product-inl.h"

HWY_BEFORE_NAMESPACE();
namespace sinew::cpu {
namespace HWY_NAMESPACE {

constexpr int64_t kTileRows = 256, kTileColumns = 128, kInner = 128;

/// c += a b of one step of the inner extent, a as panels of kRowStep rows where it was transposed.
template <bool kTransposed>
void multiply(const float* a, const float* b, float* c, int64_t c_stride, int64_t rows,
              int64_t inner, int64_t columns) {
  constexpr int kRows = kBlockRows;
  for (int64_t j = 0; j < columns; j += panel<float>()) {
    for (int64_t r = 0; r < rows; r += kRows) {
      const float* block =
          kTransposed ? a + r / kRowStep * kRowStep * inner + r % kRowStep : a + r * inner;
      product_block<kRows, kTransposed>(block, kTransposed ? kRowStep : inner, b + j * inner,
                                        c + r * c_stride + j, c_stride, inner, true);
    }
  }
}

void tile(const Gemm& g, const GemmOperands& o, int64_t row, int64_t rows, int64_t column,
          int64_t columns) {
  alignas(64) float a[kTileRows * kInner];
  alignas(64) float b[kTileColumns * kInner];
  alignas(64) float c[kTileRows * kTileColumns];
  const int64_t padded_rows = round_up(rows, kRowStep);
  const int64_t padded_columns = round_up(columns, panel<float>());
  std::fill(c, c + padded_rows * padded_columns, 0.0f);
  for (int64_t k = 0; k < g.k; k += kInner) {
    const int64_t inner = std::min(kInner, g.k - k);
    if (g.transpose_a) {
      copy_to_panels(o.a + k * g.m + row, g.m, inner, rows, 1.0f, kRowStep, a);
    } else {
      copy_rows(o.a + row * g.k + k, g.k, rows, inner, 1.0f, a, padded_rows);
    }
    if (g.transpose_b) {
      transpose_to_panels(o.b + column * g.k + k, g.k, columns, inner, b);
    } else {
      copy_to_panels(o.b + k * g.n + column, g.n, inner, columns, 1.0f, panel<float>(), b);
    }
    if (g.transpose_a) {
      multiply<true>(a, b, c, padded_columns, padded_rows, inner, padded_columns);
    } else {
      multiply<false>(a, b, c, padded_columns, padded_rows, inner, padded_columns);
    }
  }
  for (int64_t r = 0; r < rows; ++r) {
    const float* from = c + r * padded_columns;
    float* to = o.y + (row + r) * g.n + column;
    for (int64_t i = 0; i < columns; ++i) {
      const float sum = o.bias ? from[i] + o.bias[column + i] : from[i];
      to[i] = g.relu && sum < 0.0f ? 0.0f : sum;
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace sinew::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sinew::cpu {

HWY_EXPORT(tile);

namespace {

constexpr std::int64_t kMinTasks = 8;

std::int64_t pieces(std::int64_t extent, std::int64_t size) { return (extent + size - 1) / size; }

/// The largest tile that leaves enough tasks: halved along its longer side.
std::pair<std::int64_t, std::int64_t> tile_of(const Gemm& g) {
  std::int64_t rows = 256, columns = 128;
  while (pieces(g.m, rows) * pieces(g.n, columns) < kMinTasks && rows + columns > 128) {
    (rows > columns ? rows : columns) /= 2;
  }
  return {rows, columns};
}

}  // namespace

std::int64_t Gemm::tile_rows() const { return tile_of(*this).first; }
std::int64_t Gemm::tile_columns() const { return tile_of(*this).second; }
std::int64_t Gemm::tasks() const { return pieces(m, tile_rows()) * pieces(n, tile_columns()); }

void gemm_tile(const Gemm& gemm, const GemmOperands& operands, std::int64_t task) {
  const auto [rows, columns] = tile_of(gemm);
  const std::int64_t across = pieces(gemm.n, columns);
  const std::int64_t row = task / across * rows;
  const std::int64_t column = task % across * columns;
  HWY_DYNAMIC_DISPATCH(tile)
  (gemm, operands, row, std::min(rows, gemm.m - row), column, std::min(columns, gemm.n - column));
}

}  // namespace sinew::cpu
#endif
