// Convolutions by oneDNN on row-major NHWC activations and HWIO weights.
//
// Measured (2 cores, AVX-512, batch 32, 32 -> 64 channels, 3x3 on 13x13; peak 450 GFLOP/s): forward
// 423, data gradient 376, weight gradient 374 GFLOP/s on NHWC, against 425, 382 and 381 in the
// layouts oneDNN would pick: the plain layout costs 1-2 % and saves every reorder of activations.
// Up to 64 filters, forward's blocked weights are HWIO as it is. The data gradient wants them with
// inputs innermost: the layout pass keeps variables so for it; weights that a step computes are
// packed into scratch memory (73 KB, 0.003 ms of 0.38).
//
// The weight gradient is in conv_backward_filter.cpp.

#include <optional>

#include "backends/cpu/conv_backward_filter.h"
#include "backends/cpu/conv_direct.h"
#include "backends/cpu/conv_primitives.h"
#include "backends/cpu/registry.h"
#include "sinew/base/parallel.h"

namespace sinew::cpu {
namespace {

using onednn::Call;

class ConvForward : public Kernel {
 public:
  ConvForward(PackedWeights weights, const dnnl::convolution_forward::primitive_desc& pd, bool bias)
      : weights_(std::move(weights)),
        call_(dnnl::convolution_forward(pd)),
        bias_(bias),
        scratch_bytes_(onednn::aligned(pd.scratchpad_desc().get_size())) {
    call_.bind(DNNL_ARG_SRC, pd.src_desc());
    call_.bind(DNNL_ARG_WEIGHTS, pd.weights_desc());
    if (bias) call_.bind(DNNL_ARG_BIAS, pd.bias_desc());
    call_.bind(DNNL_ARG_DST, pd.dst_desc());
    call_.bind(DNNL_ARG_SCRATCHPAD, pd.scratchpad_desc());
  }
  std::size_t scratch_bytes() const override { return scratch_bytes_ + weights_.bytes(); }
  std::size_t packed_bytes() const override { return weights_.bytes(); }
  void run(const KernelArguments& a) override {
    char* scratch = static_cast<char*>(a.scratch);
    call_.set(DNNL_ARG_SRC, a.inputs[0]);
    call_.set(DNNL_ARG_WEIGHTS, weights_.pack(a.inputs[1], scratch + scratch_bytes_));
    if (bias_) call_.set(DNNL_ARG_BIAS, a.inputs[2]);
    call_.set(DNNL_ARG_DST, a.outputs[0]);
    call_.set(DNNL_ARG_SCRATCHPAD, scratch);
    call_.run();
  }

 private:
  PackedWeights weights_;
  Call call_;
  bool bias_;
  std::size_t scratch_bytes_;
};

class ConvBackwardInput : public Kernel {
 public:
  ConvBackwardInput(PackedWeights weights,
                    const dnnl::convolution_backward_data::primitive_desc& pd)
      : weights_(std::move(weights)),
        call_(dnnl::convolution_backward_data(pd)),
        scratch_bytes_(onednn::aligned(pd.scratchpad_desc().get_size())) {
    call_.bind(DNNL_ARG_DIFF_DST, pd.diff_dst_desc());
    call_.bind(DNNL_ARG_WEIGHTS, pd.weights_desc());
    call_.bind(DNNL_ARG_DIFF_SRC, pd.diff_src_desc());
    call_.bind(DNNL_ARG_SCRATCHPAD, pd.scratchpad_desc());
  }
  std::size_t scratch_bytes() const override { return scratch_bytes_ + weights_.bytes(); }
  std::size_t packed_bytes() const override { return weights_.bytes(); }
  void run(const KernelArguments& a) override {
    char* scratch = static_cast<char*>(a.scratch);
    call_.set(DNNL_ARG_WEIGHTS, weights_.pack(a.inputs[0], scratch + scratch_bytes_));
    call_.set(DNNL_ARG_DIFF_DST, a.inputs[1]);
    call_.set(DNNL_ARG_DIFF_SRC, a.outputs[0]);
    call_.set(DNNL_ARG_SCRATCHPAD, scratch);
    call_.run();
  }

 private:
  PackedWeights weights_;
  Call call_;
  std::size_t scratch_bytes_;
};

enum class Direction { Forward, BackwardInput, BackwardFilter };

template <typename T>
class ConvDirect : public Kernel {
 public:
  ConvDirect(const ConvShape& s, Direction direction, bool bias, bool relu)
      : s_(s), direction_(direction), bias_(bias), relu_(relu) {}
  void run(const KernelArguments& a) override {
    const auto in = [&](int i) { return static_cast<const T*>(a.inputs[i]); };
    T* out = static_cast<T*>(a.outputs[0]);
    switch (direction_) {
      case Direction::Forward:
        conv_direct_forward(s_, in(0), in(1), bias_ ? in(2) : nullptr, out);
        if (!relu_) return;
        parallel_for(s_.n, [&](std::int64_t n) {
          const std::int64_t size = s_.y_size();
          for (std::int64_t k = n * size; k < (n + 1) * size; ++k)
            out[k] = out[k] < T{0} ? T{0} : out[k];
        });
        return;
      case Direction::BackwardInput:
        return conv_direct_backward_input(s_, in(0), in(1), out);
      case Direction::BackwardFilter:
        return conv_direct_backward_filter(s_, in(0), in(1), out,
                                           bias_ ? static_cast<T*>(a.outputs[1]) : nullptr);
    }
  }

 private:
  ConvShape s_;
  Direction direction_;
  bool bias_;
  bool relu_;
};

std::unique_ptr<Kernel> direct(DType dtype, const ConvShape& s, Direction direction, bool bias,
                               bool relu) {
  if (dtype == DType::Float64)
    return std::make_unique<ConvDirect<double>>(s, direction, bias, relu);
  return std::make_unique<ConvDirect<float>>(s, direction, bias, relu);
}

ConvTypes forward_types(const KernelRequest& r) {
  ConvTypes types{.x = r.inputs[0].dtype, .w = r.inputs[1].dtype, .y = r.outputs[0].dtype};
  if (r.inputs.size() == 3) types.bias = r.inputs[2].dtype;
  return types;
}
ConvTypes backward_input_types(const KernelRequest& r) {
  return {.x = r.outputs[0].dtype, .w = r.inputs[0].dtype, .y = r.inputs[1].dtype};
}
ConvTypes backward_filter_types(const KernelRequest& r) {
  return {.x = r.inputs[0].dtype, .w = r.outputs[0].dtype, .y = r.inputs[1].dtype};
}

dnnl::convolution_forward::primitive_desc forward_primitive(const KernelRequest& r) {
  const ConvShape s = forward_shape(r);
  const bool relu = r.attributes.get_or<std::string>("activation", "") == "relu";
  return make_forward(Descs(s, s.n, forward_types(r)), r.inputs.size() == 3, relu);
}
dnnl::convolution_backward_data::primitive_desc backward_input_primitive(const KernelRequest& r) {
  const ConvShape s = backward_input_shape(r);
  return make_backward_data(Descs(s, s.n, backward_input_types(r)));
}

/// The layout of the weights that a primitive wants; nothing where oneDNN has no fast code.
template <typename PrimitiveDesc>
std::optional<BlockedLayout> fast_layout(const ConvShape& s, const PrimitiveDesc& pd) {
  if (onednn::is_reference(pd.impl_info_str())) return std::nullopt;
  return weights_layout(s, pd.weights_desc());
}

/// The request's layouts, of which `input` is the weights'.
template <typename PrimitiveDesc>
std::vector<std::string> layouts_for(const KernelRequest& r, std::size_t input, const ConvShape& s,
                                     const PrimitiveDesc& pd) {
  std::vector<std::string> layouts(r.inputs.size());
  if (const auto wanted = fast_layout(s, pd))
    layouts[input] = wanted->name_for(r.inputs[input].dtype, s.weights());
  return layouts;
}

std::vector<std::string> forward_layouts(const KernelRequest& r) {
  if (r.outputs[0].dtype == DType::Float64) return std::vector<std::string>(r.inputs.size());
  return layouts_for(r, 1, forward_shape(r), forward_primitive(r));
}

std::vector<std::string> backward_input_layouts(const KernelRequest& r) {
  if (r.outputs[0].dtype == DType::Float64) return std::vector<std::string>(r.inputs.size());
  return layouts_for(r, 0, backward_input_shape(r), backward_input_primitive(r));
}

std::unique_ptr<Kernel> create_forward(const KernelRequest& r) {
  const ConvShape s = forward_shape(r);
  const bool bias = r.inputs.size() == 3;
  if (r.outputs[0].dtype != DType::Float64) {
    const auto pd = forward_primitive(r);
    if (const auto wanted = fast_layout(s, pd))
      return std::make_unique<ConvForward>(PackedWeights(r.inputs[1], *wanted), pd, bias);
  }
  return direct(r.outputs[0].dtype, s, Direction::Forward, bias,
                r.attributes.get_or<std::string>("activation", "") == "relu");
}

std::unique_ptr<Kernel> create_backward_input(const KernelRequest& r) {
  const ConvShape s = backward_input_shape(r);
  if (r.outputs[0].dtype != DType::Float64) {
    const auto pd = backward_input_primitive(r);
    if (const auto wanted = fast_layout(s, pd))
      return std::make_unique<ConvBackwardInput>(PackedWeights(r.inputs[0], *wanted), pd);
  }
  return direct(r.outputs[0].dtype, s, Direction::BackwardInput, false, false);
}

std::unique_ptr<Kernel> create_backward_filter(const KernelRequest& r) {
  const ConvShape s = backward_filter_shape(r);
  const bool bias = r.outputs.size() == 2;
  if (r.outputs[0].dtype != DType::Float64) {
    if (auto kernel = make_conv_backward_filter(s, backward_filter_types(r), bias)) return kernel;
  }
  return direct(r.outputs[0].dtype, s, Direction::BackwardFilter, bias, false);
}

/// oneDNN's vectors hold 16 channels.
double cost(const ConvShape& s) {
  constexpr double kFlops = 200e3;
  return 3 + s.flops() * (s.c_group() < 16 ? 2 : 1) / kFlops;
}

bool forward_in_bfloat16(const KernelRequest& r) {
  const ConvShape s = forward_shape(r);
  const Descs d(s, s.n, forward_types(r));
  return onednn::is_fast_in_bfloat16([&] { return make_forward(d, r.inputs.size() == 3, false); });
}
bool backward_input_in_bfloat16(const KernelRequest& r) {
  const ConvShape s = backward_input_shape(r);
  const Descs d(s, s.n, backward_input_types(r));
  return onednn::is_fast_in_bfloat16([&] { return make_backward_data(d); });
}
bool backward_filter_in_bfloat16(const KernelRequest& r) {
  const ConvShape s = backward_filter_shape(r);
  // oneDNN reads strided images of 2-byte elements one by one (16 -> 32 channels, stride 2: 1.94 ms
  // against 0.77 in float32).
  if (s.stride_d != 1 || s.stride_h != 1 || s.stride_w != 1 || !onednn::multiplies_bfloat16())
    return false;
  return make_conv_backward_filter(s, backward_filter_types(r), r.outputs.size() == 2) != nullptr;
}

const RegisterKernel forward({
    .op = "conv",
    .create = create_forward,
    .layouts = forward_layouts,
    .implementation = "onednn",
    .cost = [](const KernelRequest& r) { return cost(forward_shape(r)); },
    .bfloat16 = forward_in_bfloat16,
});
const RegisterKernel backward_input({
    .op = "conv_backward_input",
    .create = create_backward_input,
    .layouts = backward_input_layouts,
    .implementation = "onednn",
    .cost = [](const KernelRequest& r) { return cost(backward_input_shape(r)); },
    .bfloat16 = backward_input_in_bfloat16,
});
const RegisterKernel backward_filter({
    .op = "conv_backward_filter",
    .create = create_backward_filter,
    .implementation = "onednn",
    .cost = [](const KernelRequest& r) { return cost(backward_filter_shape(r)); },
    .bfloat16 = backward_filter_in_bfloat16,
});

}  // namespace
}  // namespace sinew::cpu
