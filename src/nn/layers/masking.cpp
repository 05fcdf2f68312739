#include "nn/layers/layer_support.h"
#include "sinew/ops/ops.h"

namespace sinew::layers {
namespace {

class MaskingLayer final : public ConfiguredLayer<MaskingLayer> {
 public:
  double mask_value = 0.0;

  std::string class_name() const override { return "Masking"; }
  static void fields(auto& self, auto& visit) { visit("mask_value", self.mask_value); }
  bool supports_masking() const override { return true; }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    expect_inputs(1, inputs);
    expect_dtype(inputs[0]);
    if (inputs[0].shape.rank() < 2) expect_rank(inputs[0], 3, "(batch, steps, features)");
  }

  std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) override {
    const Value x = inputs[0];
    const Value differs = ops::cast(ops::not_equal(x, ops::scalar_like(x, mask_value)), x.dtype());
    const Value counts = ops::greater(ops::max(differs, {-1}, true), 0.5);
    const Value y = ops::where(counts, x, ops::zeros_like(x));
    context.set_mask(y, ops::squeeze(counts, -1));
    return {y};
  }
};

const RegisterConfigured<MaskingLayer> registered("Masking");

}  // namespace

LayerPtr Masking(double mask_value, LayerOptions options) {
  const auto layer = std::make_shared<MaskingLayer>();
  layer->mask_value = mask_value;
  return finish(layer, options);
}

}  // namespace sinew::layers
