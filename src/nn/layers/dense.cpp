#include "nn/layers/layer_support.h"
#include "sinew/ops/ops.h"

namespace sinew::layers {
namespace {

class DenseLayer final : public ConfiguredLayer<DenseLayer> {
 public:
  bool supports_masking() const override { return true; }
  std::int64_t units = 0;
  DenseOptions options;

  std::string class_name() const override { return "Dense"; }

  static void fields(auto& self, auto& visit) {
    visit.required("units", self.units);
    visit("activation", self.options.activation);
    visit("use_bias", self.options.use_bias);
    kernel_and_bias_fields(self, visit);
  }

  void check_arguments() override { expect_at_least(*this, "units", units, 1); }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    expect_inputs(1, inputs);
    expect_dtype(inputs[0]);
    if (inputs[0].shape.rank() < 2)
      expect_rank(inputs[0], 2, "(batch, features), or more with features last");
    if (kernel_) expect_extent(inputs[0], -1, kernel_->shape()[0], "features");
  }

  void build(const std::vector<Shape>& input_shapes) override {
    kernel_ = add_weight(
        "kernel", {known_extent(input_shapes[0], -1, "features"), units},
        {options.kernel_initializer, options.kernel_regularizer, options.kernel_constraint});
    if (options.use_bias)
      bias_ =
          add_weight("bias", {units},
                     {options.bias_initializer, options.bias_regularizer, options.bias_constraint});
  }

  std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) override {
    Value y = ops::matmul(inputs[0], weight(context, kernel_));
    if (bias_) y = y + weight(context, bias_);
    y = options.activation(y);
    add_activity_loss(context, options.activity_regularizer, y);
    return {y};
  }

 private:
  VariablePtr kernel_;
  VariablePtr bias_;
};

const RegisterConfigured<DenseLayer> registered("Dense");

}  // namespace

LayerPtr Dense(std::int64_t units, DenseOptions options) {
  const auto layer = std::make_shared<DenseLayer>();
  layer->units = units;
  layer->options = options;
  return finish(layer, options);
}

}  // namespace sinew::layers
