#pragma once

#include <cstdint>

#include "runtime/backend.h"

namespace sinew::cpu {

/// The extents of a convolution x (N, H, W, C) * w (KH, KW, C / groups, O) -> y (N, OH, OW, O), or
/// of volumes with an axis D before H; an image is a volume of depth 1.
struct ConvShape {
  bool volumes;
  std::int64_t n, d, h, w, c;
  std::int64_t kd, kh, kw, o, od, oh, ow;
  std::int64_t groups;
  std::int64_t stride_d = 1, stride_h, stride_w;
  std::int64_t front = 0, back = 0, top, bottom, left, right;
  std::int64_t dilation_d = 1, dilation_h, dilation_w;

  ConvShape(const Attributes& attributes, const Shape& x, const Shape& w_shape, const Shape& y)
      : volumes(x.rank() == 5),
        n(x[0]),
        d(volumes ? x[1] : 1),
        h(x[-3]),
        w(x[-2]),
        c(x[-1]),
        kd(volumes ? w_shape[0] : 1),
        kh(w_shape[-4]),
        kw(w_shape[-3]),
        o(w_shape[-1]),
        od(volumes ? y[1] : 1),
        oh(y[-3]),
        ow(y[-2]),
        groups(attributes.integer("groups")) {
    const auto& strides = attributes.integers("strides");
    const auto& padding = attributes.integers("padding");
    const auto& dilation = attributes.integers("dilation");
    const std::size_t rows = volumes ? 1 : 0;
    if (volumes) {
      stride_d = strides[0];
      front = padding[0];
      back = padding[1];
      dilation_d = dilation[0];
    }
    stride_h = strides[rows];
    stride_w = strides[rows + 1];
    top = padding[2 * rows];
    bottom = padding[2 * rows + 1];
    left = padding[2 * rows + 2];
    right = padding[2 * rows + 3];
    dilation_h = dilation[rows];
    dilation_w = dilation[rows + 1];
  }

  std::int64_t c_group() const { return c / groups; }
  std::int64_t o_group() const { return o / groups; }
  /// Of one sample.
  std::int64_t x_size() const { return d * h * w * c; }
  std::int64_t y_size() const { return od * oh * ow * o; }
  Shape weights() const {
    return volumes ? Shape{kd, kh, kw, c_group(), o} : Shape{kh, kw, c_group(), o};
  }
  double flops() const {
    return 2.0 * static_cast<double>(n * y_size()) * static_cast<double>(kd * kh * kw * c_group());
  }
};

/// Of the three ops' requests.
inline ConvShape forward_shape(const runtime::KernelRequest& r) {
  return {r.attributes, r.inputs[0].shape, r.inputs[1].shape, r.outputs[0].shape};
}
inline ConvShape backward_input_shape(const runtime::KernelRequest& r) {
  return {r.attributes, r.outputs[0].shape, r.inputs[0].shape, r.inputs[1].shape};
}
inline ConvShape backward_filter_shape(const runtime::KernelRequest& r) {
  return {r.attributes, r.inputs[0].shape, r.outputs[0].shape, r.inputs[1].shape};
}

}  // namespace sinew::cpu
