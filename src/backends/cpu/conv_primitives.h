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

  /// `n` samples of it.
  Descs(const ConvShape& s, std::int64_t n, const ConvTypes& types = {})
      : strides(spatial(s, s.stride_d, s.stride_h, s.stride_w)),
        dilation(spatial(s, s.dilation_d - 1, s.dilation_h - 1, s.dilation_w - 1)),
        before(spatial(s, s.front, s.top, s.left)),
        after(spatial(s, s.back, s.bottom, s.right)),
        x(data(s, n, s.c, s.d, s.h, s.w, types.x)),
        bias(onednn::describe({s.o}, {1}, types.bias)),
        y(data(s, n, s.o, s.od, s.oh, s.ow, types.y)) {
    const std::int64_t i = s.c_group();
    const dnnl::memory::dims kernel = spatial(s, s.kd, s.kh, s.kw);
    const dnnl::memory::dims apart = spatial(s, s.kh * s.kw * i * s.o, s.kw * i * s.o, i * s.o);
    if (s.groups == 1) {
      w_dims = joined({s.o, s.c}, kernel);
      w = onednn::describe(w_dims, joined({1, s.o}, apart), types.w);
    } else {
      w_dims = joined({s.groups, s.o_group(), i}, kernel);
      w = onednn::describe(w_dims, joined({s.o_group(), 1, s.o}, apart), types.w);
    }
    any_w = onednn::any(w_dims, types.x == DType::BFloat16 ? DType::BFloat16 : DType::Float32);
    any_dw = onednn::any(w_dims);
  }

 private:
  using Dims = dnnl::memory::dims;
  static Dims spatial(const ConvShape& s, std::int64_t depth, std::int64_t rows,
                      std::int64_t columns) {
    return s.volumes ? Dims{depth, rows, columns} : Dims{rows, columns};
  }
  static Dims joined(Dims first, const Dims& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
  }
  /// Channels are innermost.
  static dnnl::memory::desc data(const ConvShape& s, std::int64_t n, std::int64_t channels,
                                 std::int64_t depth, std::int64_t rows, std::int64_t columns,
                                 DType dtype) {
    return onednn::describe(
        joined({n, channels}, spatial(s, depth, rows, columns)),
        joined({depth * rows * columns * channels, 1},
               spatial(s, rows * columns * channels, columns * channels, channels)),
        dtype);
  }
};

/// Primitives for activations with channels innermost, with weights in whatever layout oneDNN
/// prefers; their gradient is always float32.
dnnl::convolution_forward::primitive_desc make_forward(const Descs& d, bool bias, bool relu);
dnnl::convolution_backward_data::primitive_desc make_backward_data(const Descs& d);
dnnl::convolution_backward_weights::primitive_desc make_backward_weights(const Descs& d, bool bias);

/// Where a descriptor of weights puts the elements of Keras's (KH, KW, C / groups, O), or (KD, KH,
/// …); nothing where that cannot be said.
std::optional<BlockedLayout> weights_layout(const ConvShape& s, const dnnl::memory::desc& weights);

}  // namespace sinew::cpu
