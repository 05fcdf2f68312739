#include <fmt/format.h>

#include <numeric>

#include "nn/layers/spatial.h"
#include "sinew/ops/ops.h"

namespace sinew::layers {
namespace {

template <typename Size>
class ConvLayer final : public ConfiguredLayer<ConvLayer<Size>> {
 public:
  std::int64_t filters = 0;
  Size kernel_size;
  ConvOptions<Size> options;

  std::string class_name() const override { return fmt::format("Conv{}D", spatial()); }

  static void fields(auto& self, auto& visit) {
    visit.required("filters", self.filters);
    visit.required("kernel_size", self.kernel_size);
    visit("strides", self.options.strides);
    visit("padding", self.options.padding);
    visit.only("data_format", std::string("channels_last"));
    visit("dilation_rate", self.options.dilation_rate);
    visit("groups", self.options.groups);
    visit("activation", self.options.activation);
    visit("use_bias", self.options.use_bias);
    kernel_and_bias_fields(self, visit);
    visit.own("flip_kernel", self.options.flip_kernel, false);
  }

  void check_arguments() override {
    expect_at_least(*this, "filters", filters, 1);
    expect_at_least(*this, "groups", options.groups, 1);
    expect_positive(*this, "kernel_size", extents(kernel_size));
    expect_positive(*this, "strides", extents(options.strides));
    expect_positive(*this, "dilation_rate", extents(options.dilation_rate));
    expect_padding(*this, options.padding, spatial() == 1);
    if (filters % options.groups != 0) {
      throw ValueError(fmt::format("{}: {} filters cannot be split into {} groups of equal size",
                                   this->where(), filters, options.groups));
    }
    expect_no_dilated_strides(*this, extents(options.strides), extents(options.dilation_rate));
  }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    this->expect_inputs(1, inputs);
    this->expect_dtype(inputs[0]);
    expect_spatial(*this, inputs[0], spatial());
    if (kernel_)
      this->expect_extent(inputs[0], -1, kernel_->shape()[-2] * options.groups, "channels");
    expect_window_fits(*this, options.padding, inputs[0].shape, extents(kernel_size),
                       extents(options.dilation_rate));
  }

  void build(const std::vector<Shape>& input_shapes) override {
    const std::int64_t channels = this->known_extent(input_shapes[0], -1, "channels");
    if (channels % options.groups != 0) {
      throw ShapeError(
          fmt::format("{}: {} input channels cannot be split into {} groups of equal size",
                      this->where(), channels, options.groups));
    }
    std::vector<std::int64_t> shape = extents(kernel_size);
    shape.insert(shape.end(), {channels / options.groups, filters});
    kernel_ = this->add_weight(
        "kernel", Shape(shape),
        {options.kernel_initializer, options.kernel_regularizer, options.kernel_constraint});
    if (options.use_bias) {
      bias_ = this->add_weight(
          "bias", {filters},
          {options.bias_initializer, options.bias_regularizer, options.bias_constraint});
    }
  }

  std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) override {
    Value kernel = this->weight(context, kernel_);
    if (options.flip_kernel) {
      std::vector<int> axes(spatial());
      std::iota(axes.begin(), axes.end(), 0);
      kernel = ops::reverse(kernel, axes);
    }
    Value y = ops::conv(
        inputs[0], kernel,
        {.strides = extents(options.strides),
         .padding = window_padding(options.padding, inputs[0].shape(), extents(kernel_size),
                                   extents(options.strides), extents(options.dilation_rate)),
         .dilation = extents(options.dilation_rate),
         .groups = options.groups});
    if (bias_) y = y + this->weight(context, bias_);
    y = options.activation(y);
    add_activity_loss(context, options.activity_regularizer, y);
    return {y};
  }

 private:
  std::size_t spatial() const { return extents(kernel_size).size(); }

  VariablePtr kernel_;
  VariablePtr bias_;
};

const RegisterConfigured<ConvLayer<Size1D>> registered1d("Conv1D");
const RegisterConfigured<ConvLayer<Size2D>> registered2d("Conv2D");
const RegisterConfigured<ConvLayer<Size3D>> registered3d("Conv3D");

}  // namespace

LayerPtr Conv1D(std::int64_t filters, Size1D kernel_size, Conv1DOptions options) {
  return make_convolution<ConvLayer<Size1D>>(filters, kernel_size, options);
}
LayerPtr Conv2D(std::int64_t filters, Size2D kernel_size, Conv2DOptions options) {
  return make_convolution<ConvLayer<Size2D>>(filters, kernel_size, options);
}
LayerPtr Conv3D(std::int64_t filters, Size3D kernel_size, Conv3DOptions options) {
  return make_convolution<ConvLayer<Size3D>>(filters, kernel_size, options);
}

}  // namespace sinew::layers
