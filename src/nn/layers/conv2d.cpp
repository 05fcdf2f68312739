#include <fmt/format.h>

#include "nn/layers/image.h"
#include "sinew/ops/ops.h"

namespace sinew::layers {
namespace {

class Conv2DLayer final : public ConfiguredLayer<Conv2DLayer> {
 public:
  std::int64_t filters = 0;
  Size2D kernel_size;
  Conv2DOptions options;

  std::string class_name() const override { return "Conv2D"; }

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
    visit("kernel_initializer", self.options.kernel_initializer);
    visit("bias_initializer", self.options.bias_initializer);
    visit("kernel_regularizer", self.options.kernel_regularizer);
    visit("bias_regularizer", self.options.bias_regularizer);
    visit("activity_regularizer", self.options.activity_regularizer);
    visit("kernel_constraint", self.options.kernel_constraint);
    visit("bias_constraint", self.options.bias_constraint);
    visit("flip_kernel", self.options.flip_kernel);
  }

  void check_arguments() override {
    expect_at_least(*this, "filters", filters, 1);
    expect_at_least(*this, "groups", options.groups, 1);
    expect_positive(*this, "kernel_size", kernel_size);
    expect_positive(*this, "strides", options.strides);
    expect_positive(*this, "dilation_rate", options.dilation_rate);
    expect_padding(*this, options.padding);
    if (filters % options.groups != 0) {
      throw ValueError(fmt::format("{}: {} filters cannot be split into {} groups of equal size",
                                   where(), filters, options.groups));
    }
    const bool strided = options.strides != Size2D{1, 1};
    if (strided && options.dilation_rate != Size2D{1, 1}) {
      throw ValueError(where() + ": strides and dilation_rate cannot both be more than 1");
    }
  }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    expect_inputs(1, inputs);
    expect_dtype(inputs[0]);
    expect_rank(inputs[0], 4, "(batch, rows, columns, channels)");
    if (kernel_) expect_extent(inputs[0], 3, kernel_->shape()[2] * options.groups, "channels");
    expect_window_fits(*this, options.padding, inputs[0].shape, kernel_size, options.dilation_rate);
  }

  void build(const std::vector<Shape>& input_shapes) override {
    const std::int64_t channels = known_extent(input_shapes[0], 3, "channels");
    if (channels % options.groups != 0) {
      throw ShapeError(
          fmt::format("{}: {} input channels cannot be split into {} groups of equal size", where(),
                      channels, options.groups));
    }
    kernel_ = add_weight(
        "kernel", {kernel_size.rows, kernel_size.columns, channels / options.groups, filters},
        {options.kernel_initializer, options.kernel_regularizer, true, options.kernel_constraint});
    if (options.use_bias)
      bias_ = add_weight(
          "bias", {filters},
          {options.bias_initializer, options.bias_regularizer, true, options.bias_constraint});
  }

  std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) override {
    Value kernel = weight(context, kernel_);
    if (options.flip_kernel) kernel = ops::reverse(kernel, {0, 1});
    Value y =
        ops::conv2d(inputs[0], kernel,
                    {.strides = pair(options.strides),
                     .padding = window_padding(options.padding, inputs[0].shape(), kernel_size,
                                               options.strides, options.dilation_rate),
                     .dilation = pair(options.dilation_rate),
                     .groups = options.groups});
    if (bias_) y = y + weight(context, bias_);
    y = options.activation(y);
    add_activity_loss(context, options.activity_regularizer, y);
    return {y};
  }

 private:
  VariablePtr kernel_;
  VariablePtr bias_;
};

const RegisterConfigured<Conv2DLayer> registered("Conv2D");

}  // namespace

LayerPtr Conv2D(std::int64_t filters, Size2D kernel_size, Conv2DOptions options) {
  const auto layer = std::make_shared<Conv2DLayer>();
  layer->filters = filters;
  layer->kernel_size = kernel_size;
  layer->options = options;
  return finish(layer, options);
}

}  // namespace sinew::layers
