#include "backends/cpu/onednn_primitives.h"

namespace sinew::cpu::onednn {
namespace {

constexpr auto kTraining = dnnl::prop_kind::forward_training;
constexpr auto kBackward = dnnl::prop_kind::backward;
constexpr auto kDirect = dnnl::algorithm::convolution_direct;
constexpr auto kMax = dnnl::algorithm::pooling_max;
constexpr auto kLeftToRight = dnnl::rnn_direction::unidirectional_left2right;

template <typename Primitive, typename... Arguments>
typename Primitive::primitive_desc make(const dnnl::primitive_attr& attributes,
                                        const Arguments&... arguments) {
#if DNNL_VERSION_MAJOR >= 3
  return {engine(), arguments..., attributes};
#else
  return {typename Primitive::desc(arguments...), attributes, engine()};
#endif
}

/// A backward pass is made with its forward pass's descriptor at hand.
template <typename Primitive, typename Forward, typename... Arguments>
typename Primitive::primitive_desc make_backward(const dnnl::primitive_attr& attributes,
                                                 const Forward& forward,
                                                 const Arguments&... arguments) {
#if DNNL_VERSION_MAJOR >= 3
  return {engine(), arguments..., forward, attributes};
#else
  return {typename Primitive::desc(arguments...), attributes, engine(), forward};
#endif
}

}  // namespace

dnnl::convolution_forward::primitive_desc convolution_forward(
    const Convolution& c, const dnnl::primitive_attr& attributes) {
  return make<dnnl::convolution_forward>(attributes, kTraining, kDirect, c.x, c.w, c.bias, c.y,
                                         c.strides, c.dilation, c.before, c.after);
}

dnnl::convolution_backward_data::primitive_desc convolution_backward_data(
    const Convolution& c, const dnnl::primitive_attr& attributes) {
  return make_backward<dnnl::convolution_backward_data>(attributes, convolution_forward(c), kDirect,
                                                        c.x, c.w, c.y, c.strides, c.dilation,
                                                        c.before, c.after);
}

dnnl::convolution_backward_weights::primitive_desc convolution_backward_weights(
    const Convolution& c, const dnnl::primitive_attr& attributes) {
  return make_backward<dnnl::convolution_backward_weights>(
      attributes, convolution_forward(c), kDirect, c.x, c.dw, c.bias, c.y, c.strides, c.dilation,
      c.before, c.after);
}

dnnl::pooling_forward::primitive_desc max_pooling_forward(const MaxPooling& p) {
#if DNNL_VERSION_MAJOR >= 3
  const dnnl::memory::dims dilation(p.window.size(), 0);
  return make<dnnl::pooling_forward>({}, kTraining, kMax, p.x, p.y, p.strides, p.window, dilation,
                                     p.before, p.after);
#else
  return make<dnnl::pooling_forward>({}, kTraining, kMax, p.x, p.y, p.strides, p.window, p.before,
                                     p.after);
#endif
}

dnnl::pooling_backward::primitive_desc max_pooling_backward(const MaxPooling& p) {
#if DNNL_VERSION_MAJOR >= 3
  const dnnl::memory::dims dilation(p.window.size(), 0);
  return make_backward<dnnl::pooling_backward>({}, max_pooling_forward(p), kMax, p.x, p.y,
                                               p.strides, p.window, dilation, p.before, p.after);
#else
  return make_backward<dnnl::pooling_backward>({}, max_pooling_forward(p), kMax, p.x, p.y,
                                               p.strides, p.window, p.before, p.after);
#endif
}

namespace {

constexpr float kNormEpsilon = 1e-3f;
const auto kNormFlags = dnnl::normalization_flags::use_scale |
                        dnnl::normalization_flags::use_shift |
                        dnnl::normalization_flags::fuse_norm_relu;

}  // namespace

dnnl::batch_normalization_forward::primitive_desc batch_norm_relu_forward(
    const dnnl::memory::desc& x) {
#if DNNL_VERSION_MAJOR >= 3
  return make<dnnl::batch_normalization_forward>({}, kTraining, x, x, kNormEpsilon, kNormFlags);
#else
  return make<dnnl::batch_normalization_forward>({}, kTraining, x, kNormEpsilon, kNormFlags);
#endif
}

dnnl::batch_normalization_backward::primitive_desc batch_norm_relu_backward(
    const dnnl::memory::desc& x) {
  const auto forward = batch_norm_relu_forward(x);
#if DNNL_VERSION_MAJOR >= 3
  return make_backward<dnnl::batch_normalization_backward>({}, forward, kBackward, x, x, x,
                                                           kNormEpsilon, kNormFlags);
#else
  return make_backward<dnnl::batch_normalization_backward>({}, forward, kBackward, x, x,
                                                           kNormEpsilon, kNormFlags);
#endif
}

dnnl::matmul::primitive_desc matmul(const dnnl::memory::desc& a, const dnnl::memory::desc& b,
                                    const dnnl::memory::desc& bias, const dnnl::memory::desc& y,
                                    const dnnl::primitive_attr& attributes) {
  return make<dnnl::matmul>(attributes, a, b, bias, y);
}

dnnl::lstm_forward::primitive_desc lstm_forward(const Lstm& l) {
  return make<dnnl::lstm_forward>({}, kTraining, kLeftToRight, l.x, l.state, l.state, l.w_input,
                                  l.w_recurrent, l.bias, l.y, l.state, l.state);
}

dnnl::lstm_backward::primitive_desc lstm_backward(const Lstm& l) {
  // The gradients are described as what they are gradients of.
  return make_backward<dnnl::lstm_backward>({}, lstm_forward(l), kBackward, kLeftToRight, l.x,
                                            l.state, l.state, l.w_input, l.w_recurrent, l.bias, l.y,
                                            l.state, l.state, l.x, l.state, l.state, l.w_input,
                                            l.w_recurrent, l.bias, l.y, l.state, l.state);
}

dnnl::memory::data_type type_of(const dnnl::memory::desc& desc) {
#if DNNL_VERSION_MAJOR >= 3
  return desc.get_data_type();
#else
  return desc.data_type();
#endif
}

std::optional<Blocking> blocking(const dnnl::memory::desc& desc) {
#if DNNL_VERSION_MAJOR >= 3
  if (desc.get_format_kind() != dnnl::memory::format_kind::blocked) return std::nullopt;
  return Blocking{desc.get_dims(), desc.get_padded_dims(), desc.get_strides(),
                  desc.get_inner_blks(), desc.get_inner_idxs()};
#else
  if (desc.data.format_kind != dnnl_blocked || desc.data.extra.flags != dnnl_memory_extra_flag_none)
    return std::nullopt;
  const dnnl_blocking_desc_t& b = desc.data.format_desc.blocking;
  const auto list = [](const auto* values, int count) {
    return dnnl::memory::dims(values, values + count);
  };
  const int rank = desc.data.ndims;
  return Blocking{list(desc.data.dims, rank), list(desc.data.padded_dims, rank),
                  list(b.strides, rank), list(b.inner_blks, b.inner_nblks),
                  list(b.inner_idxs, b.inner_nblks)};
#endif
}

void append_relu(dnnl::post_ops& after) {
#if DNNL_VERSION_MAJOR >= 3
  after.append_eltwise(dnnl::algorithm::eltwise_relu, 0.0f, 0.0f);
#else
  after.append_eltwise(1.0f, dnnl::algorithm::eltwise_relu, 0.0f, 0.0f);
#endif
}

}  // namespace sinew::cpu::onednn
