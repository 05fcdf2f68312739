#include "nn/layers/layer_support.h"

namespace sinew::layers {
namespace {

class IdentityLayer final : public ConfiguredLayer<IdentityLayer> {
 public:
  bool supports_masking() const override { return true; }
  std::string class_name() const override { return "Identity"; }
  static void fields(auto&, auto&) {}
  void check_inputs(const std::vector<TensorType>& inputs) const override {
    expect_inputs(1, inputs);
  }
  std::vector<Value> call(CallContext&, const std::vector<Value>& inputs) override {
    return inputs;
  }
};

class ActivityRegularizationLayer final : public ConfiguredLayer<ActivityRegularizationLayer> {
 public:
  bool supports_masking() const override { return true; }
  ActivityRegularizationOptions options;

  std::string class_name() const override { return "ActivityRegularization"; }
  static void fields(auto& self, auto& visit) {
    visit("l1", self.options.l1);
    visit("l2", self.options.l2);
  }
  void check_inputs(const std::vector<TensorType>& inputs) const override {
    expect_inputs(1, inputs);
    expect_dtype(inputs[0]);
  }
  std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) override {
    add_activity_loss(context, regularizers::L1L2(options.l1, options.l2), inputs[0]);
    return inputs;
  }
};

const RegisterConfigured<IdentityLayer> registered_identity("Identity");
const RegisterConfigured<ActivityRegularizationLayer> registered_activity("ActivityRegularization");

}  // namespace

LayerPtr Identity(LayerOptions options) {
  return finish(std::make_shared<IdentityLayer>(), options);
}

LayerPtr ActivityRegularization(ActivityRegularizationOptions options) {
  const auto layer = std::make_shared<ActivityRegularizationLayer>();
  layer->options = options;
  return finish(layer, options);
}

}  // namespace sinew::layers
