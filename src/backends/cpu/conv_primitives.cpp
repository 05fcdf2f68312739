#include "backends/cpu/conv_primitives.h"

#include "backends/cpu/onednn_primitives.h"

namespace sinew::cpu {
namespace {

onednn::Convolution convolution(const Descs& d, bool bias) {
  return {d.x,      d.any_w,   bias ? d.bias : dnnl::memory::desc(),
          d.y,      d.strides, d.dilation,
          d.before, d.after,   d.any_dw};
}

}  // namespace

dnnl::convolution_forward::primitive_desc make_forward(const Descs& d, bool bias, bool relu) {
  return onednn::convolution_forward(convolution(d, bias), onednn::attributes(relu));
}

dnnl::convolution_backward_data::primitive_desc make_backward_data(const Descs& d) {
  return onednn::convolution_backward_data(convolution(d, false), onednn::attributes());
}

dnnl::convolution_backward_weights::primitive_desc make_backward_weights(const Descs& d,
                                                                         bool bias) {
  return onednn::convolution_backward_weights(convolution(d, bias), onednn::attributes());
}

std::optional<BlockedLayout> weights_layout(const ConvShape& s, const dnnl::memory::desc& weights) {
  if (s.volumes) {
    if (s.groups == 1) return layout_of(weights, {{2}, {3}, {4}, {1}, {0}});
    return layout_of(weights, {{3}, {4}, {5}, {2}, {0, 1}});
  }
  if (s.groups == 1) return layout_of(weights, {{2}, {3}, {1}, {0}});
  return layout_of(weights, {{3}, {4}, {2}, {0, 1}});
}

}  // namespace sinew::cpu
