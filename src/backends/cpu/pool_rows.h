#pragma once

#include <cstdint>

#include "sinew/base/bfloat16.h"
#include "sinew/graph/attributes.h"

namespace sinew::cpu {

/// The extents of a 2-D pooling of NHWC.
struct PoolShape {
  std::int64_t n, h, w, c, oh, ow;
  std::int64_t size_h, size_w, stride_h, stride_w, top, left;

  PoolShape(const Attributes& attributes, const Shape& x, const Shape& y)
      : n(x[0]),
        h(x[1]),
        w(x[2]),
        c(x[3]),
        oh(y[1]),
        ow(y[2]),
        size_h(attributes.integers("pool_size")[0]),
        size_w(attributes.integers("pool_size")[1]),
        stride_h(attributes.integers("strides")[0]),
        stride_w(attributes.integers("strides")[1]),
        top(attributes.integers("padding")[0]),
        left(attributes.integers("padding")[2]) {}

  /// Windows that share no cell write each input cell's gradient once; cells between windows stay
  /// zero.
  bool disjoint() const { return stride_h >= size_h && stride_w >= size_w; }
  /// Disjoint windows that leave no cell out.
  bool covers() const {
    return stride_h == size_h && stride_w == size_w && oh * size_h == h && ow * size_w == w &&
           top == 0 && left == 0;
  }
  std::int64_t x_offset(std::int64_t image, std::int64_t i, std::int64_t j) const {
    return ((image * h + i) * w + j) * c;
  }
  std::int64_t y_offset(std::int64_t image, std::int64_t i, std::int64_t j) const {
    return ((image * oh + i) * ow + j) * c;
  }
};

/// One row of windows of a max-pooling: `window_row` counts them in the image that `x` begins;
/// largest and index (ow, c) receive each window's largest element and the number of its first
/// place, counted row by row in the unclipped window of up to 256 cells.
void max_pool_row(const PoolShape& s, std::int64_t window_row, const float* x, float* largest,
                  std::uint8_t* index);
void max_pool_row(const PoolShape& s, std::int64_t window_row, const BFloat16* x, BFloat16* largest,
                  std::uint8_t* index);

/// Writes (or adds to, where `accumulate`) the cells of a row of windows in the image that `dx`
/// begins: dy where `index` names the cell, otherwise 0.
void max_pool_row_backward(const PoolShape& s, std::int64_t window_row, const float* dy,
                           const std::uint8_t* index, bool accumulate, float* dx);
void max_pool_row_backward(const PoolShape& s, std::int64_t window_row, const BFloat16* dy,
                           const std::uint8_t* index, bool accumulate, BFloat16* dx);

/// The means of a row of windows, of the cells that lie inside the image: (ow, c).
void average_pool_row(const PoolShape& s, std::int64_t window_row, const float* x, float* mean);

/// Writes (or adds, where `accumulate`) each mean's gradient, shared by its window's cells.
void average_pool_row_backward(const PoolShape& s, std::int64_t window_row, const float* dy,
                               bool accumulate, float* dx);

}  // namespace sinew::cpu
