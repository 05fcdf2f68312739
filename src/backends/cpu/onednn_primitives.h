#pragma once

#include <optional>

#include "backends/cpu/onednn.h"

/// Primitive descriptors, made in one way whatever oneDNN's version: 2.x makes them from an
/// operation's descriptor, 3.x from its arguments. Nothing else in the project asks for the
/// version. An empty descriptor of a bias means that there is none.
namespace sinew::cpu::onednn {

/// Operands as (N, C, H, W); a dilation of 0 is none.
struct Convolution {
  dnnl::memory::desc x, w, bias, y;
  dnnl::memory::dims strides, dilation, before, after;
  /// Of the backward pass: the weights' gradient, which is float32 where the weights are bfloat16.
  dnnl::memory::desc dw = w;
};
dnnl::convolution_forward::primitive_desc convolution_forward(
    const Convolution& c, const dnnl::primitive_attr& attributes = {});
dnnl::convolution_backward_data::primitive_desc convolution_backward_data(
    const Convolution& c, const dnnl::primitive_attr& attributes = {});
dnnl::convolution_backward_weights::primitive_desc convolution_backward_weights(
    const Convolution& c, const dnnl::primitive_attr& attributes = {});

struct MaxPooling {
  dnnl::memory::desc x, y;
  dnnl::memory::dims strides, window, before, after;
};
dnnl::pooling_forward::primitive_desc max_pooling_forward(const MaxPooling& p);
dnnl::pooling_backward::primitive_desc max_pooling_backward(const MaxPooling& p);

/// By the batch's statistics, with scale, shift and relu; x and y are of one description.
dnnl::batch_normalization_forward::primitive_desc batch_norm_relu_forward(
    const dnnl::memory::desc& x);
dnnl::batch_normalization_backward::primitive_desc batch_norm_relu_backward(
    const dnnl::memory::desc& x);

/// y = a b + bias.
dnnl::matmul::primitive_desc matmul(const dnnl::memory::desc& a, const dnnl::memory::desc& b,
                                    const dnnl::memory::desc& bias, const dnnl::memory::desc& y,
                                    const dnnl::primitive_attr& attributes = {});

/// One layer from left to right; `state` describes the hidden and the cell state alike.
struct Lstm {
  dnnl::memory::desc x, state, w_input, w_recurrent, bias, y;
};
dnnl::lstm_forward::primitive_desc lstm_forward(const Lstm& l);
dnnl::lstm_backward::primitive_desc lstm_backward(const Lstm& l);

dnnl::memory::data_type type_of(const dnnl::memory::desc& desc);

/// Where a descriptor puts elements: strides of the whole blocks along each of its axes, and the
/// blocks inside, outermost first, with the axis that each cuts.
struct Blocking {
  dnnl::memory::dims dims, padded_dims, strides, blocks, block_axes;
};
/// Nothing for layouts that are not of that kind.
std::optional<Blocking> blocking(const dnnl::memory::desc& desc);

/// Relu as a post-op.
void append_relu(dnnl::post_ops& after);

}  // namespace sinew::cpu::onednn
