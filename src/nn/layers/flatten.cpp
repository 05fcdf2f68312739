#include "nn/layers/layer_support.h"
#include "sinew/ops/array.h"

namespace sinew::layers {
namespace {

class FlattenLayer final : public ConfiguredLayer<FlattenLayer> {
 public:
  std::string class_name() const override { return "Flatten"; }
  static void fields(auto&, auto& visit) {
    visit.only("data_format", std::string("channels_last"));
  }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    expect_inputs(1, inputs);
    if (inputs[0].shape.rank() < 1) expect_rank(inputs[0], 1, "(batch, ...)");
  }

  std::vector<Value> call(CallContext&, const std::vector<Value>& inputs) override {
    const Shape& shape = inputs[0].shape();
    // Counted rather than left to -1, which an empty batch would leave undetermined.
    return {ops::reshape(inputs[0], {shape[0], shape.drop_front().numel()})};
  }
};

const RegisterConfigured<FlattenLayer> registered("Flatten");

}  // namespace

LayerPtr Flatten(LayerOptions options) { return finish(std::make_shared<FlattenLayer>(), options); }

}  // namespace sinew::layers
