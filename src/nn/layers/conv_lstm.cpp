#include <fmt/format.h>

#include "nn/layers/lstm_gates.h"
#include "nn/layers/noise.h"
#include "nn/layers/recurrent_layer.h"
#include "nn/layers/spatial.h"
#include "sinew/ops/ops.h"

namespace sinew::layers {
namespace {

/// The step of a convolutional LSTM (Shi et al. 2015), without peepholes as in Keras: the products
/// of LSTM's gates are convolutions, those of states with strides 1 and padding "same". It is made
/// by its layer only, whose arguments it has.
template <typename Size>
class ConvLSTMCell final : public RNNCell {
 public:
  std::int64_t filters = 0;
  Size kernel_size;
  ConvLSTMOptions<Size> options;

  std::string class_name() const override { return fmt::format("ConvLSTM{}D", spatial()); }
  Attributes config() const override {
    throw InternalError(where() + ": the cell is saved with its layer");
  }

  std::vector<Shape> state_shapes() const override { return {state_, state_}; }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    expect_dtype(inputs[0]);
    expect_spatial(*this, inputs[0], spatial());
    if (kernel_) this->expect_extent(inputs[0], -1, kernel_->shape()[-2], "channels");
    expect_window_fits(*this, options.padding, inputs[0].shape, extents(kernel_size),
                       extents(options.dilation_rate));
  }

  void build_for(const std::vector<TensorType>& inputs) override {
    const std::int64_t channels = known_extent(inputs[0].shape, -1, "channels");
    const auto shape = [&](std::int64_t in) {
      std::vector<std::int64_t> dims = extents(kernel_size);
      dims.insert(dims.end(), {in, 4 * filters});
      return Shape(dims);
    };
    kernel_ = add_weight(
        "kernel", shape(channels),
        {options.kernel_initializer, options.kernel_regularizer, options.kernel_constraint});
    recurrent_kernel_ = add_weight("recurrent_kernel", shape(filters),
                                   {options.recurrent_initializer, options.recurrent_regularizer,
                                    options.recurrent_constraint});
    if (options.use_bias) {
      bias_ =
          add_weight("bias", {4 * filters},
                     {options.unit_forget_bias ? with_forget_bias(options.bias_initializer, filters)
                                               : options.bias_initializer,
                      options.bias_regularizer, options.bias_constraint});
    }
    for (std::size_t axis = 0; axis < spatial(); ++axis)
      known_extent(inputs[0].shape, 1 + static_cast<int>(axis), "cells along each axis");
    Graph graph;
    const Value image =
        graph.input("image", inputs[0].dtype, inputs[0].shape.drop_front().prepend(1));
    state_ = convolve(image, graph.input("kernel", image.dtype(), kernel_->shape()))
                 .shape()
                 .drop_front()
                 .with(-1, filters);
  }

  std::vector<Value> call(CallContext&, const std::vector<Value>&) override {
    throw InternalError(where() + ": the cell goes along sequences only");
  }

  Sequence run(CallContext& context, Value x, std::vector<Value> states,
               const Steps& steps) override {
    expect_unrollable(*this, x.dim(1));
    // One mask for all gates and steps.
    const Shape image = x.shape().drop_front().drop_front().prepend(1).prepend(x.dim(0));
    if (context.training && options.dropout > 0)
      x = x * drop(context, options.seed, options.dropout,
                   ops::ones(context.graph, image, x.dtype()), image);
    Value state_mask;
    if (context.training && options.recurrent_dropout > 0) {
      const Shape shape = state_.prepend(x.dim(0));
      state_mask = drop(context, options.seed, options.recurrent_dropout,
                        ops::ones(context.graph, shape, x.dtype()), shape);
    }
    // The products of all steps' inputs at once.
    const Value images =
        ops::reshape(x, image.drop_front().drop_front().prepend(x.dim(0) * x.dim(1)));
    Value projected = convolve(images, weight(context, kernel_));
    if (bias_) projected = projected + weight(context, bias_);
    projected =
        ops::reshape(projected, projected.shape().drop_front().prepend(x.dim(1)).prepend(x.dim(0)));
    const Value recurrent = weight(context, recurrent_kernel_);
    return unroll(projected, std::move(states), steps,
                  [&](Value now, const std::vector<Value>& before) {
                    const Value h = state_mask ? before[0] * state_mask : before[0];
                    const Value from_state = ops::conv(h, recurrent, {.padding = same_around(h)});
                    return lstm_step(now + from_state, before[1], options.activation,
                                     options.recurrent_activation);
                  });
  }

 private:
  std::size_t spatial() const { return extents(kernel_size).size(); }

  Value convolve(Value x, Value kernel) const {
    return ops::conv(
        x, kernel,
        {.strides = extents(options.strides),
         .padding = window_padding(options.padding, x.shape(), extents(kernel_size),
                                   extents(options.strides), extents(options.dilation_rate)),
         .dilation = extents(options.dilation_rate)});
  }

  std::vector<std::int64_t> same_around(Value h) const {
    return window_padding("same", h.shape(), extents(kernel_size),
                          std::vector<std::int64_t>(spatial(), 1));
  }

  VariablePtr kernel_;
  VariablePtr recurrent_kernel_;
  VariablePtr bias_;
  /// Unknown extents until it is built.
  Shape state_ = Shape(std::vector<std::int64_t>(extents(Size()).size() + 1, Shape::kUnknown));
};

template <typename Size>
class ConvLSTMLayer final : public ConfiguredLayer<ConvLSTMLayer<Size>, RecurrentLayer> {
 public:
  std::int64_t filters = 0;
  Size kernel_size;
  ConvLSTMOptions<Size> options;

  std::string class_name() const override {
    return fmt::format("ConvLSTM{}D", extents(kernel_size).size());
  }

  static void fields(auto& self, auto& visit) {
    visit.required("filters", self.filters);
    visit.required("kernel_size", self.kernel_size);
    visit("strides", self.options.strides);
    visit("padding", self.options.padding);
    visit.only("data_format", std::string("channels_last"));
    visit("dilation_rate", self.options.dilation_rate);
    visit("activation", self.options.activation);
    visit("recurrent_activation", self.options.recurrent_activation);
    visit("use_bias", self.options.use_bias);
    visit("kernel_initializer", self.options.kernel_initializer);
    visit("recurrent_initializer", self.options.recurrent_initializer);
    visit("bias_initializer", self.options.bias_initializer);
    visit("unit_forget_bias", self.options.unit_forget_bias);
    visit("kernel_regularizer", self.options.kernel_regularizer);
    visit("recurrent_regularizer", self.options.recurrent_regularizer);
    visit("bias_regularizer", self.options.bias_regularizer);
    visit("activity_regularizer", self.options.activity_regularizer);
    visit("kernel_constraint", self.options.kernel_constraint);
    visit("recurrent_constraint", self.options.recurrent_constraint);
    visit("bias_constraint", self.options.bias_constraint);
    visit("dropout", self.options.dropout);
    visit("recurrent_dropout", self.options.recurrent_dropout);
    visit("seed", self.options.seed);
    RecurrentLayer::return_fields(self, visit);
  }

  void check_arguments() override {
    expect_at_least(*this, "filters", filters, 1);
    expect_positive(*this, "kernel_size", extents(kernel_size));
    expect_positive(*this, "strides", extents(options.strides));
    expect_positive(*this, "dilation_rate", extents(options.dilation_rate));
    expect_padding(*this, options.padding);
    expect_no_dilated_strides(*this, extents(options.strides), extents(options.dilation_rate));
    expect_rate(*this, options.dropout, "dropout");
    expect_rate(*this, options.recurrent_dropout, "recurrent_dropout");
    const auto cell = std::make_shared<ConvLSTMCell<Size>>();
    cell->filters = filters;
    cell->kernel_size = kernel_size;
    cell->options = options;
    this->set_own_cell(cell);
  }

  RecurrentLayer::Returns returns() const override { return RecurrentLayer::returns_of(options); }
  Regularizer activity() const override { return options.activity_regularizer; }
};

const RegisterConfigured<ConvLSTMLayer<Size1D>> registered1d("ConvLSTM1D");
const RegisterConfigured<ConvLSTMLayer<Size2D>> registered2d("ConvLSTM2D");
const RegisterConfigured<ConvLSTMLayer<Size3D>> registered3d("ConvLSTM3D");

}  // namespace

LayerPtr ConvLSTM1D(std::int64_t filters, Size1D kernel_size, ConvLSTM1DOptions options) {
  return make_convolution<ConvLSTMLayer<Size1D>>(filters, kernel_size, options);
}
LayerPtr ConvLSTM2D(std::int64_t filters, Size2D kernel_size, ConvLSTM2DOptions options) {
  return make_convolution<ConvLSTMLayer<Size2D>>(filters, kernel_size, options);
}
LayerPtr ConvLSTM3D(std::int64_t filters, Size3D kernel_size, ConvLSTM3DOptions options) {
  return make_convolution<ConvLSTMLayer<Size3D>>(filters, kernel_size, options);
}

}  // namespace sinew::layers
