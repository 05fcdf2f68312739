#include <fmt/format.h>

#include "nn/layers/layer_support.h"
#include "sinew/ops/ops.h"

namespace sinew::layers {
namespace {

/// h_t = activation(sum over i < t of h_i W_hi + x_t W_xh + b_h).
/// A state's term h_i W_hi is the same in every later step, so the sum is kept and grows by one
/// product a step: T - 1 products in all, not T (T - 1) / 2.
class FullHistoryRNNLayer final : public ConfiguredLayer<FullHistoryRNNLayer> {
 public:
  std::int64_t units = 0;
  FullHistoryRNNOptions options;

  std::string class_name() const override { return "FullHistoryRNN"; }

  static void fields(auto& self, auto& visit) {
    visit.required("units", self.units);
    visit("activation", self.options.activation);
    visit("shared_recurrent_kernel", self.options.shared_recurrent_kernel);
    visit("use_bias", self.options.use_bias);
    visit("kernel_initializer", self.options.kernel_initializer);
    visit("recurrent_initializer", self.options.recurrent_initializer);
    visit("bias_initializer", self.options.bias_initializer);
    visit("kernel_regularizer", self.options.kernel_regularizer);
    visit("recurrent_regularizer", self.options.recurrent_regularizer);
    visit("bias_regularizer", self.options.bias_regularizer);
    visit("kernel_constraint", self.options.kernel_constraint);
    visit("recurrent_constraint", self.options.recurrent_constraint);
    visit("bias_constraint", self.options.bias_constraint);
    visit("return_sequences", self.options.return_sequences);
  }

  void check_arguments() override { expect_at_least(*this, "units", units, 1); }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    expect_inputs(1, inputs);
    expect_dtype(inputs[0]);
    expect_rank(inputs[0], 3, "(batch, steps, features)");
    if (kernel_) expect_extent(inputs[0], 2, kernel_->shape()[0], "features");
    if (!options.shared_recurrent_kernel) expect_extent(inputs[0], 1, steps_, "steps");
    if (inputs[0].shape[1] == 0) throw ShapeError(where() + ": the sequence has no steps");
  }

  void build(const std::vector<Shape>& input_shapes) override {
    kernel_ = add_weight(
        "kernel", {known_extent(input_shapes[0], 2, "features"), units},
        {options.kernel_initializer, options.kernel_regularizer, options.kernel_constraint});
    const WeightOptions recurrent = {options.recurrent_initializer, options.recurrent_regularizer,
                                     options.recurrent_constraint};
    if (options.shared_recurrent_kernel) {
      recurrent_kernel_ = add_weight("recurrent_kernel", {units, units}, recurrent);
    } else {
      steps_ = known_extent(input_shapes[0], 1, "steps");
      expect_unrollable(*this, steps_);
      if (steps_ > 1)
        recurrent_kernel_ = add_weight("recurrent_kernel", {steps_ - 1, units, units}, recurrent);
    }
    if (options.use_bias)
      bias_ =
          add_weight("bias", {units},
                     {options.bias_initializer, options.bias_regularizer, options.bias_constraint});
  }

  std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) override {
    expect_unrollable(*this, inputs[0].dim(1));
    Value projected = ops::matmul(inputs[0], weight(context, kernel_));
    if (bias_) projected = projected + weight(context, bias_);
    const Value kernels = recurrent_kernel_ ? weight(context, recurrent_kernel_) : Value{};
    const std::int64_t steps = inputs[0].dim(1);
    std::vector<Value> states;
    Value history;
    for (std::int64_t step = 0; step < steps; ++step) {
      if (step > 0) {
        const Value source =
            options.shared_recurrent_kernel ? kernels : ops::select(kernels, 0, step - 1);
        const Value term = ops::matmul(states.back(), source);
        history = history ? history + term : term;
      }
      const Value z = ops::select(projected, 1, step);
      states.push_back(options.activation(history ? z + history : z));
    }
    return {options.return_sequences ? ops::stack(states, 1) : states.back()};
  }

 private:
  std::int64_t steps_ = 0;
  VariablePtr kernel_;
  VariablePtr recurrent_kernel_;
  VariablePtr bias_;
};

const RegisterConfigured<FullHistoryRNNLayer> registered("FullHistoryRNN");

}  // namespace

LayerPtr FullHistoryRNN(std::int64_t units, FullHistoryRNNOptions options) {
  const auto layer = std::make_shared<FullHistoryRNNLayer>();
  layer->units = units;
  layer->options = options;
  return finish(layer, options);
}

}  // namespace sinew::layers
