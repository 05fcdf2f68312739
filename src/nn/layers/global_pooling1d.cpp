#include "nn/layers/layer_support.h"
#include "sinew/ops/reduce.h"

namespace sinew::layers {
namespace {

class GlobalAveragePooling1DLayer final : public ConfiguredLayer<GlobalAveragePooling1DLayer> {
 public:
  GlobalPooling1DOptions options;

  std::string class_name() const override { return "GlobalAveragePooling1D"; }
  static void fields(auto& self, auto& visit) {
    visit.only("data_format", std::string("channels_last"));
    visit("keepdims", self.options.keepdims);
  }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    expect_inputs(1, inputs);
    expect_dtype(inputs[0]);
    expect_rank(inputs[0], 3, "(batch, steps, features)");
  }

  std::vector<Value> call(CallContext&, const std::vector<Value>& inputs) override {
    return {ops::mean(inputs[0], {1}, options.keepdims)};
  }
};

const RegisterConfigured<GlobalAveragePooling1DLayer> registered("GlobalAveragePooling1D");

}  // namespace

LayerPtr GlobalAveragePooling1D(GlobalPooling1DOptions options) {
  const auto layer = std::make_shared<GlobalAveragePooling1DLayer>();
  layer->options = options;
  return finish(layer, options);
}

}  // namespace sinew::layers
