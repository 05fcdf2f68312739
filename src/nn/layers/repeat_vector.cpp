#include "nn/layers/layer_support.h"
#include "sinew/ops/array.h"

namespace sinew::layers {
namespace {

class RepeatVectorLayer final : public ConfiguredLayer<RepeatVectorLayer> {
 public:
  std::int64_t n = 0;

  std::string class_name() const override { return "RepeatVector"; }
  static void fields(auto& self, auto& visit) { visit.required("n", self.n); }

  void check_arguments() override { expect_at_least(*this, "n", n, 1); }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    expect_inputs(1, inputs);
    expect_rank(inputs[0], 2, "(batch, features)");
  }

  std::vector<Value> call(CallContext&, const std::vector<Value>& inputs) override {
    const Value x = inputs[0];
    return {ops::broadcast_to(ops::expand_dims(x, 1), {x.dim(0), n, x.dim(1)})};
  }
};

const RegisterConfigured<RepeatVectorLayer> registered("RepeatVector");

}  // namespace

LayerPtr RepeatVector(std::int64_t n, LayerOptions options) {
  const auto layer = std::make_shared<RepeatVectorLayer>();
  layer->n = n;
  return finish(layer, options);
}

}  // namespace sinew::layers
