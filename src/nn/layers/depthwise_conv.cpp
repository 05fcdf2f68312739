#include <fmt/format.h>

#include "nn/layers/spatial.h"
#include "sinew/ops/ops.h"

namespace sinew::layers {
namespace {

/// What the two layers share. A depthwise convolution is one of as many groups as channels.
template <typename Derived, typename Size, typename Options>
class DepthwiseLayer : public ConfiguredLayer<Derived> {
 public:
  Size kernel_size;
  Options options;

  static void fields(auto& self, auto& visit) {
    visit.required("kernel_size", self.kernel_size);
    visit("strides", self.options.strides);
    visit("padding", self.options.padding);
    constexpr bool separable = requires { self.options.pointwise_initializer; };
    if constexpr (!separable) visit("depth_multiplier", self.options.depth_multiplier);
    visit.only("data_format", std::string("channels_last"));
    visit("dilation_rate", self.options.dilation_rate);
    if constexpr (separable) visit("depth_multiplier", self.options.depth_multiplier);
    visit("activation", self.options.activation);
    visit("use_bias", self.options.use_bias);
    visit("depthwise_initializer", self.options.depthwise_initializer);
    if constexpr (separable) visit("pointwise_initializer", self.options.pointwise_initializer);
    visit("bias_initializer", self.options.bias_initializer);
    visit("depthwise_regularizer", self.options.depthwise_regularizer);
    if constexpr (separable) visit("pointwise_regularizer", self.options.pointwise_regularizer);
    visit("bias_regularizer", self.options.bias_regularizer);
    visit("activity_regularizer", self.options.activity_regularizer);
    visit("depthwise_constraint", self.options.depthwise_constraint);
    if constexpr (separable) visit("pointwise_constraint", self.options.pointwise_constraint);
    visit("bias_constraint", self.options.bias_constraint);
  }

  void check_arguments() override {
    expect_at_least(*this, "depth_multiplier", options.depth_multiplier, 1);
    expect_positive(*this, "kernel_size", extents(kernel_size));
    expect_positive(*this, "strides", extents(options.strides));
    expect_positive(*this, "dilation_rate", extents(options.dilation_rate));
    expect_padding(*this, options.padding);
  }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    this->expect_inputs(1, inputs);
    this->expect_dtype(inputs[0]);
    expect_spatial(*this, inputs[0], spatial());
    if (depthwise_) this->expect_extent(inputs[0], -1, depthwise_->shape()[-2], "channels");
    expect_window_fits(*this, options.padding, inputs[0].shape, extents(kernel_size),
                       extents(options.dilation_rate));
  }

 protected:
  std::size_t spatial() const { return extents(kernel_size).size(); }

  void add_depthwise(const char* name, std::int64_t channels) {
    std::vector<std::int64_t> shape = extents(kernel_size);
    shape.insert(shape.end(), {channels, options.depth_multiplier});
    depthwise_ = this->add_weight(name, Shape(shape),
                                  {options.depthwise_initializer, options.depthwise_regularizer,
                                   options.depthwise_constraint});
  }
  void add_bias(std::int64_t channels) {
    if (!options.use_bias) return;
    bias_ = this->add_weight(
        "bias", {channels},
        {options.bias_initializer, options.bias_regularizer, options.bias_constraint});
  }

  Value depthwise(CallContext& context, Value x) const {
    const Value kernel = this->weight(context, depthwise_);
    const std::int64_t channels = x.dim(-1);
    const Shape grouped = kernel.shape().with(-2, 1).with(-1, channels * options.depth_multiplier);
    return ops::conv(
        x, ops::reshape(kernel, grouped),
        {.strides = extents(options.strides),
         .padding = window_padding(options.padding, x.shape(), extents(kernel_size),
                                   extents(options.strides), extents(options.dilation_rate)),
         .dilation = extents(options.dilation_rate),
         .groups = channels});
  }
  Value finished(CallContext& context, Value y) const {
    if (bias_) y = y + this->weight(context, bias_);
    y = options.activation(y);
    add_activity_loss(context, options.activity_regularizer, y);
    return y;
  }

 private:
  VariablePtr depthwise_;
  VariablePtr bias_;
};

template <typename Size>
class DepthwiseConvLayer final
    : public DepthwiseLayer<DepthwiseConvLayer<Size>, Size, DepthwiseConvOptions<Size>> {
 public:
  std::string class_name() const override {
    return fmt::format("DepthwiseConv{}D", this->spatial());
  }
  void build(const std::vector<Shape>& input_shapes) override {
    const std::int64_t channels = this->known_extent(input_shapes[0], -1, "channels");
    this->add_depthwise("kernel", channels);
    this->add_bias(channels * this->options.depth_multiplier);
  }
  std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) override {
    return {this->finished(context, this->depthwise(context, inputs[0]))};
  }
};

template <typename Size>
class SeparableConvLayer final
    : public DepthwiseLayer<SeparableConvLayer<Size>, Size, SeparableConvOptions<Size>> {
 public:
  std::int64_t filters = 0;

  std::string class_name() const override {
    return fmt::format("SeparableConv{}D", this->spatial());
  }
  static void fields(auto& self, auto& visit) {
    visit.required("filters", self.filters);
    DepthwiseLayer<SeparableConvLayer, Size, SeparableConvOptions<Size>>::fields(self, visit);
  }
  void check_arguments() override {
    expect_at_least(*this, "filters", filters, 1);
    DepthwiseLayer<SeparableConvLayer, Size, SeparableConvOptions<Size>>::check_arguments();
  }
  void build(const std::vector<Shape>& input_shapes) override {
    const std::int64_t channels = this->known_extent(input_shapes[0], -1, "channels");
    this->add_depthwise("depthwise_kernel", channels);
    std::vector<std::int64_t> shape(this->spatial(), 1);
    shape.insert(shape.end(), {channels * this->options.depth_multiplier, filters});
    pointwise_ =
        this->add_weight("pointwise_kernel", Shape(shape),
                         {this->options.pointwise_initializer, this->options.pointwise_regularizer,
                          this->options.pointwise_constraint});
    this->add_bias(filters);
  }
  std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) override {
    const Value between = this->depthwise(context, inputs[0]);
    return {this->finished(context, ops::conv(between, this->weight(context, pointwise_)))};
  }

 private:
  VariablePtr pointwise_;
};

const RegisterConfigured<DepthwiseConvLayer<Size1D>> registered_depthwise1d("DepthwiseConv1D");
const RegisterConfigured<DepthwiseConvLayer<Size2D>> registered_depthwise2d("DepthwiseConv2D");
const RegisterConfigured<SeparableConvLayer<Size1D>> registered_separable1d("SeparableConv1D");
const RegisterConfigured<SeparableConvLayer<Size2D>> registered_separable2d("SeparableConv2D");

template <typename Size>
LayerPtr make(Size kernel_size, const DepthwiseConvOptions<Size>& options) {
  const auto layer = std::make_shared<DepthwiseConvLayer<Size>>();
  layer->kernel_size = kernel_size;
  layer->options = options;
  return finish(layer, options);
}

template <typename Size>
LayerPtr make(std::int64_t filters, Size kernel_size, const SeparableConvOptions<Size>& options) {
  const auto layer = std::make_shared<SeparableConvLayer<Size>>();
  layer->filters = filters;
  layer->kernel_size = kernel_size;
  layer->options = options;
  return finish(layer, options);
}

}  // namespace

LayerPtr DepthwiseConv1D(Size1D kernel_size, DepthwiseConv1DOptions options) {
  return make(kernel_size, options);
}
LayerPtr DepthwiseConv2D(Size2D kernel_size, DepthwiseConv2DOptions options) {
  return make(kernel_size, options);
}
LayerPtr SeparableConv1D(std::int64_t filters, Size1D kernel_size, SeparableConv1DOptions options) {
  return make(filters, kernel_size, options);
}
LayerPtr SeparableConv2D(std::int64_t filters, Size2D kernel_size, SeparableConv2DOptions options) {
  return make(filters, kernel_size, options);
}

}  // namespace sinew::layers
