#pragma once

#include <cstdint>

#include "runtime/backend.h"

namespace sinew::cpu {

/// The extents of a 2-D convolution x (N, H, W, C) * w (KH, KW, C / groups, O) -> y (N, OH, OW, O).
struct ConvShape {
  std::int64_t n, h, w, c;
  std::int64_t kh, kw, o, oh, ow;
  std::int64_t groups;
  std::int64_t stride_h, stride_w;
  std::int64_t top, bottom, left, right;
  std::int64_t dilation_h, dilation_w;

  ConvShape(const Attributes& attributes, const Shape& x, const Shape& w_shape, const Shape& y)
      : n(x[0]),
        h(x[1]),
        w(x[2]),
        c(x[3]),
        kh(w_shape[0]),
        kw(w_shape[1]),
        o(w_shape[3]),
        oh(y[1]),
        ow(y[2]),
        groups(attributes.integer("groups")),
        stride_h(attributes.integers("strides")[0]),
        stride_w(attributes.integers("strides")[1]),
        top(attributes.integers("padding")[0]),
        bottom(attributes.integers("padding")[1]),
        left(attributes.integers("padding")[2]),
        right(attributes.integers("padding")[3]),
        dilation_h(attributes.integers("dilation")[0]),
        dilation_w(attributes.integers("dilation")[1]) {}

  std::int64_t c_group() const { return c / groups; }
  std::int64_t o_group() const { return o / groups; }
  Shape weights() const { return {kh, kw, c_group(), o}; }
  double flops() const {
    return 2.0 * static_cast<double>(n * oh * ow * o) * static_cast<double>(kh * kw * c_group());
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
