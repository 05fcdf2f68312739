#pragma once

#include "backends/cpu/conv_shape.h"
#include "backends/cpu/onednn.h"
#include "backends/cpu/packed_weights.h"

namespace sinew::cpu {

/// The operands' element types. Products of bfloat16 are added up in float32; their weights may be
/// float32, and are then rounded as they are packed.
struct ConvTypes {
  DType x = DType::Float32, w = DType::Float32, bias = DType::Float32, y = DType::Float32;
};

/// oneDNN's view of a convolution's operands.
struct Descs {
  dnnl::memory::dims strides, dilation, before, after;
  dnnl::memory::dims w_dims;
  /// Of weights in whatever layout the primitive prefers, and of their gradient.
  dnnl::memory::desc any_w, any_dw;
  dnnl::memory::desc x, w, bias, y;

  /// `n` images of it.
  Descs(const ConvShape& s, std::int64_t n, const ConvTypes& types = {})
      : strides{s.stride_h, s.stride_w},
        dilation{s.dilation_h - 1, s.dilation_w - 1},
        before{s.top, s.left},
        after{s.bottom, s.right},
        x(onednn::describe({n, s.c, s.h, s.w}, {s.h * s.w * s.c, 1, s.w * s.c, s.c}, types.x)),
        bias(onednn::describe({s.o}, {1}, types.bias)),
        y(onednn::describe({n, s.o, s.oh, s.ow}, {s.oh * s.ow * s.o, 1, s.ow * s.o, s.o},
                           types.y)) {
    const std::int64_t i = s.c_group();
    if (s.groups == 1) {
      w_dims = {s.o, s.c, s.kh, s.kw};
      w = onednn::describe(w_dims, {1, s.o, s.kw * i * s.o, i * s.o}, types.w);
    } else {
      w_dims = {s.groups, s.o_group(), i, s.kh, s.kw};
      w = onednn::describe(w_dims, {s.o_group(), 1, s.o, s.kw * i * s.o, i * s.o}, types.w);
    }
    any_w = onednn::any(w_dims, types.x == DType::BFloat16 ? DType::BFloat16 : DType::Float32);
    any_dw = onednn::any(w_dims);
  }
};

/// Primitives for NHWC activations, with weights in whatever layout oneDNN prefers; their gradient
/// is always float32.
dnnl::convolution_forward::primitive_desc make_forward(const Descs& d, bool bias, bool relu);
dnnl::convolution_backward_data::primitive_desc make_backward_data(const Descs& d);
dnnl::convolution_backward_weights::primitive_desc make_backward_weights(const Descs& d, bool bias);

/// Where a descriptor of weights puts the elements of Keras's (KH, KW, C / groups, O); nothing
/// where that cannot be said.
std::optional<BlockedLayout> weights_layout(const ConvShape& s, const dnnl::memory::desc& weights);

}  // namespace sinew::cpu
