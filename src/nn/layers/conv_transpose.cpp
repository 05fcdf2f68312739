#include <fmt/format.h>

#include <algorithm>

#include "nn/layers/spatial.h"
#include "sinew/ops/ops.h"

namespace sinew::layers {
namespace {

/// One axis of a transposed convolution: its cells, and the padding of the convolution that it
/// transposes.
struct TransposedAxis {
  std::int64_t cells;
  std::int64_t before;
  std::int64_t after;
};

/// Keras's rule. The whole result of the transposition has (input - 1) stride + kernel cells, of
/// which "same" takes some away at both ends; cells beyond it are zero.
TransposedAxis transposed(const std::string& padding, std::int64_t input, std::int64_t kernel,
                          std::int64_t stride, std::optional<std::int64_t> output_padding) {
  const std::int64_t whole = (input - 1) * stride + kernel;
  if (padding == "valid")
    return {whole + output_padding.value_or(std::max<std::int64_t>(stride - kernel, 0)), 0, 0};
  const std::int64_t cells =
      output_padding ? (input - 1) * stride + kernel % 2 + *output_padding : input * stride;
  // Counted as in a convolution over the input with zeros between its cells and around it.
  const std::int64_t around = cells - (input - 1) * stride + kernel - 2;
  const std::int64_t left = std::min(around / 2 + around % 2, kernel - 1);
  return {cells, kernel - 1 - left, std::max<std::int64_t>(kernel - 1 - (around - left), 0)};
}

template <typename Size>
class ConvTransposeLayer final : public ConfiguredLayer<ConvTransposeLayer<Size>> {
 public:
  std::int64_t filters = 0;
  Size kernel_size;
  ConvTransposeOptions<Size> options;

  std::string class_name() const override { return fmt::format("Conv{}DTranspose", spatial()); }

  static void fields(auto& self, auto& visit) {
    visit.required("filters", self.filters);
    visit.required("kernel_size", self.kernel_size);
    visit("strides", self.options.strides);
    visit("padding", self.options.padding);
    visit("output_padding", self.options.output_padding);
    visit.only("data_format", std::string("channels_last"));
    visit("dilation_rate", self.options.dilation_rate);
    visit("activation", self.options.activation);
    visit("use_bias", self.options.use_bias);
    kernel_and_bias_fields(self, visit);
  }

  void check_arguments() override {
    expect_at_least(*this, "filters", filters, 1);
    expect_positive(*this, "kernel_size", extents(kernel_size));
    expect_positive(*this, "strides", extents(options.strides));
    expect_positive(*this, "dilation_rate", extents(options.dilation_rate));
    expect_padding(*this, options.padding);
    expect_no_dilated_strides(*this, extents(options.strides), extents(options.dilation_rate));
    if (!options.output_padding) return;
    const auto strides = extents(options.strides), extra = extents(*options.output_padding);
    for (std::size_t i = 0; i < extra.size(); ++i) {
      if (extra[i] >= 0 && extra[i] < strides[i]) continue;
      throw ValueError(
          fmt::format("{}: output_padding is {}; it must be at least 0 and below the stride, {}",
                      this->where(), extra[i], strides[i]));
    }
  }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    this->expect_inputs(1, inputs);
    this->expect_dtype(inputs[0]);
    expect_spatial(*this, inputs[0], spatial());
    if (kernel_) this->expect_extent(inputs[0], -1, kernel_->shape()[-1], "channels");
  }

  void build(const std::vector<Shape>& input_shapes) override {
    std::vector<std::int64_t> shape = extents(kernel_size);
    shape.insert(shape.end(), {filters, this->known_extent(input_shapes[0], -1, "channels")});
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
    const Value x = inputs[0];
    const auto kernel = extents(kernel_size), strides = extents(options.strides),
               dilation = extents(options.dilation_rate);
    Shape result = x.shape().with(-1, filters);
    std::vector<std::int64_t> padding;
    for (std::size_t i = 0; i < kernel.size(); ++i) {
      const int at = static_cast<int>(i) + 1;
      std::optional<std::int64_t> extra;
      if (options.output_padding) extra = extents(*options.output_padding)[i];
      const TransposedAxis axis = transposed(options.padding, x.dim(at),
                                             (kernel[i] - 1) * dilation[i] + 1, strides[i], extra);
      result = result.with(at, axis.cells);
      padding.insert(padding.end(), {axis.before, axis.after});
    }
    Value y =
        ops::conv_backward_input(this->weight(context, kernel_), x, result,
                                 {.strides = strides, .padding = padding, .dilation = dilation});
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

const RegisterConfigured<ConvTransposeLayer<Size1D>> registered1d("Conv1DTranspose");
const RegisterConfigured<ConvTransposeLayer<Size2D>> registered2d("Conv2DTranspose");
const RegisterConfigured<ConvTransposeLayer<Size3D>> registered3d("Conv3DTranspose");

}  // namespace

LayerPtr Conv1DTranspose(std::int64_t filters, Size1D kernel_size, Conv1DTransposeOptions options) {
  return make_convolution<ConvTransposeLayer<Size1D>>(filters, kernel_size, options);
}
LayerPtr Conv2DTranspose(std::int64_t filters, Size2D kernel_size, Conv2DTransposeOptions options) {
  return make_convolution<ConvTransposeLayer<Size2D>>(filters, kernel_size, options);
}
LayerPtr Conv3DTranspose(std::int64_t filters, Size3D kernel_size, Conv3DTransposeOptions options) {
  return make_convolution<ConvTransposeLayer<Size3D>>(filters, kernel_size, options);
}

}  // namespace sinew::layers
