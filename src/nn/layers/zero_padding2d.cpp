#include "nn/layers/layer_support.h"
#include "sinew/ops/array.h"

namespace sinew::layers {
namespace {

class ZeroPadding2DLayer final : public ConfiguredLayer<ZeroPadding2DLayer> {
 public:
  Border2D padding = 1;

  std::string class_name() const override { return "ZeroPadding2D"; }
  static void fields(auto& self, auto& visit) {
    visit("padding", self.padding);
    visit.only("data_format", std::string("channels_last"));
  }

  void check_arguments() override {
    for (const Border& border : {padding.rows, padding.columns}) {
      expect_at_least(*this, "padding", border.before, 0);
      expect_at_least(*this, "padding", border.after, 0);
    }
  }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    expect_inputs(1, inputs);
    expect_dtype(inputs[0]);
    expect_rank(inputs[0], 4, "(batch, rows, columns, channels)");
  }

  std::vector<Value> call(CallContext&, const std::vector<Value>& inputs) override {
    return {ops::pad(inputs[0], {0, padding.rows.before, padding.columns.before, 0},
                     {0, padding.rows.after, padding.columns.after, 0})};
  }
};

const RegisterConfigured<ZeroPadding2DLayer> registered("ZeroPadding2D");

}  // namespace

LayerPtr ZeroPadding2D(Border2D padding, LayerOptions options) {
  const auto layer = std::make_shared<ZeroPadding2DLayer>();
  layer->padding = padding;
  return finish(layer, options);
}

}  // namespace sinew::layers
