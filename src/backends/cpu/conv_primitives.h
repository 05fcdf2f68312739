#pragma once

#include "backends/cpu/conv_shape.h"
#include "backends/cpu/onednn.h"

namespace sinew::cpu {

/// oneDNN's view of a convolution's operands.
struct Descs {
  dnnl::memory::dims strides, dilation, before, after;
  dnnl::memory::dims w_dims;
  dnnl::memory::desc x, w, bias, y;

  /// `n` images of it.
  Descs(const ConvShape& s, std::int64_t n)
      : strides{s.stride_h, s.stride_w},
        dilation{s.dilation_h - 1, s.dilation_w - 1},
        before{s.top, s.left},
        after{s.bottom, s.right},
        x(onednn::describe({n, s.c, s.h, s.w}, {s.h * s.w * s.c, 1, s.w * s.c, s.c})),
        bias(onednn::describe({s.o}, {1})),
        y(onednn::describe({n, s.o, s.oh, s.ow}, {s.oh * s.ow * s.o, 1, s.ow * s.o, s.o})) {
    const std::int64_t i = s.c_group();
    if (s.groups == 1) {
      w_dims = {s.o, s.c, s.kh, s.kw};
      w = onednn::describe(w_dims, {1, s.o, s.kw * i * s.o, i * s.o});
    } else {
      w_dims = {s.groups, s.o_group(), i, s.kh, s.kw};
      w = onednn::describe(w_dims, {s.o_group(), 1, s.o, s.kw * i * s.o, i * s.o});
    }
  }
};

/// Primitives for NHWC activations, with weights in whatever layout oneDNN prefers.
dnnl::convolution_forward::primitive_desc make_forward(const Descs& d, bool bias, bool relu);
dnnl::convolution_backward_data::primitive_desc make_backward_data(const Descs& d);
dnnl::convolution_backward_weights::primitive_desc make_backward_weights(const Descs& d, bool bias);

/// Weights as a primitive wants them: as they are where that is HWIO, else packed into scratch
/// memory at each run.
class PackedWeights {
 public:
  PackedWeights(const dnnl::memory::desc& plain, const dnnl::memory::desc& wanted) {
    if (onednn::same_places(plain, wanted)) return;
    bytes_ = onednn::aligned(wanted.get_size());
    reorder_ = onednn::Call(dnnl::reorder({onednn::engine(), plain, onednn::engine(), wanted}));
    reorder_.bind(DNNL_ARG_FROM, plain);
    reorder_.bind(DNNL_ARG_TO, wanted);
  }
  std::size_t bytes() const { return bytes_; }
  const void* pack(const void* plain, void* scratch) {
    if (bytes_ == 0) return plain;
    reorder_.set(DNNL_ARG_FROM, plain);
    reorder_.set(DNNL_ARG_TO, scratch);
    reorder_.run();
    return scratch;
  }

 private:
  std::size_t bytes_ = 0;
  onednn::Call reorder_;
};

}  // namespace sinew::cpu
