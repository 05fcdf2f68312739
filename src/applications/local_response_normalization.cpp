#include "nn/layers/layer_support.h"
#include "sinew/applications/layers.h"
#include "sinew/ops/ops.h"

namespace sinew::layers {
namespace {

class LocalResponseNormalizationLayer final
    : public ConfiguredLayer<LocalResponseNormalizationLayer> {
 public:
  LocalResponseNormalizationOptions options;

  std::string class_name() const override { return "LocalResponseNormalization"; }
  static void fields(auto& self, auto& visit) {
    visit("depth_radius", self.options.depth_radius);
    visit("bias", self.options.bias);
    visit("alpha", self.options.alpha);
    visit("beta", self.options.beta);
  }

  void check_arguments() override {
    expect_at_least(*this, "depth_radius", options.depth_radius, 0);
  }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    expect_inputs(1, inputs);
    expect_dtype(inputs[0]);
    expect_rank(inputs[0], 4, "(batch, rows, columns, channels)");
  }

  std::vector<Value> call(CallContext&, const std::vector<Value>& inputs) override {
    const Value x = inputs[0];
    const std::int64_t radius = options.depth_radius, channels = x.dim(3);
    const Value squares = ops::pad(ops::square(x), {0, 0, 0, radius}, {0, 0, 0, radius});
    Value sum = ops::slice(squares, 3, 0, channels);
    for (std::int64_t shift = 1; shift <= 2 * radius; ++shift)
      sum = sum + ops::slice(squares, 3, shift, shift + channels);
    return {x * ops::pow(options.bias + options.alpha * sum, -options.beta)};
  }
};

const RegisterConfigured<LocalResponseNormalizationLayer> registered("LocalResponseNormalization");

}  // namespace

LayerPtr LocalResponseNormalization(LocalResponseNormalizationOptions options) {
  const auto layer = std::make_shared<LocalResponseNormalizationLayer>();
  layer->options = options;
  return finish(layer, options);
}

}  // namespace sinew::layers
