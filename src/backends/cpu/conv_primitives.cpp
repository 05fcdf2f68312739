#include "backends/cpu/conv_primitives.h"

namespace sinew::cpu {

using dnnl::memory;

#if DNNL_VERSION_MAJOR >= 3
dnnl::convolution_forward::primitive_desc make_forward(const Descs& d, bool bias, bool relu) {
  return {onednn::engine(),
          dnnl::prop_kind::forward_training,
          dnnl::algorithm::convolution_direct,
          d.x,
          onednn::any(d.w_dims),
          bias ? d.bias : memory::desc(),
          d.y,
          d.strides,
          d.dilation,
          d.before,
          d.after,
          onednn::attributes(relu)};
}
dnnl::convolution_backward_data::primitive_desc make_backward_data(const Descs& d) {
  return {onednn::engine(),
          dnnl::algorithm::convolution_direct,
          d.x,
          onednn::any(d.w_dims),
          d.y,
          d.strides,
          d.dilation,
          d.before,
          d.after,
          make_forward(d, false, false),
          onednn::attributes()};
}
dnnl::convolution_backward_weights::primitive_desc make_backward_weights(const Descs& d,
                                                                         bool bias) {
  return {onednn::engine(),
          dnnl::algorithm::convolution_direct,
          d.x,
          onednn::any(d.w_dims),
          bias ? d.bias : memory::desc(),
          d.y,
          d.strides,
          d.dilation,
          d.before,
          d.after,
          make_forward(d, bias, false),
          onednn::attributes()};
}
#else
dnnl::convolution_forward::primitive_desc make_forward(const Descs& d, bool bias, bool relu) {
  const auto algorithm = dnnl::algorithm::convolution_direct;
  const auto kind = dnnl::prop_kind::forward_training;
  const memory::desc w = onednn::any(d.w_dims);
  const auto desc = bias ? dnnl::convolution_forward::desc(kind, algorithm, d.x, w, d.bias, d.y,
                                                           d.strides, d.dilation, d.before, d.after)
                         : dnnl::convolution_forward::desc(kind, algorithm, d.x, w, d.y, d.strides,
                                                           d.dilation, d.before, d.after);
  return {desc, onednn::attributes(relu), onednn::engine()};
}
dnnl::convolution_backward_data::primitive_desc make_backward_data(const Descs& d) {
  return {dnnl::convolution_backward_data::desc(dnnl::algorithm::convolution_direct, d.x,
                                                onednn::any(d.w_dims), d.y, d.strides, d.dilation,
                                                d.before, d.after),
          onednn::attributes(), onednn::engine(), make_forward(d, false, false)};
}
dnnl::convolution_backward_weights::primitive_desc make_backward_weights(const Descs& d,
                                                                         bool bias) {
  const auto algorithm = dnnl::algorithm::convolution_direct;
  const memory::desc w = onednn::any(d.w_dims);
  const auto desc =
      bias ? dnnl::convolution_backward_weights::desc(algorithm, d.x, w, d.bias, d.y, d.strides,
                                                      d.dilation, d.before, d.after)
           : dnnl::convolution_backward_weights::desc(algorithm, d.x, w, d.y, d.strides, d.dilation,
                                                      d.before, d.after);
  return {desc, onednn::attributes(), onednn::engine(), make_forward(d, bias, false)};
}
#endif

}  // namespace sinew::cpu
