#include <fmt/format.h>

#include <cmath>

#include "nn/layers/layer_support.h"
#include "sinew/applications/layers.h"
#include "sinew/ops/ops.h"

namespace sinew::layers {
namespace {

class SinusoidalPositionsLayer final : public ConfiguredLayer<SinusoidalPositionsLayer> {
 public:
  SinusoidalPositionsOptions options;

  std::string class_name() const override { return "SinusoidalPositions"; }
  bool supports_masking() const override { return true; }
  static void fields(auto& self, auto& visit) {
    visit("input_scale", self.options.input_scale);
    visit("max_wavelength", self.options.max_wavelength);
  }

  void check_arguments() override {
    if (!(options.max_wavelength > 0)) {
      throw ValueError(fmt::format("{}: max_wavelength is {}; it must be positive", where(),
                                   options.max_wavelength));
    }
  }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    expect_inputs(1, inputs);
    expect_dtype(inputs[0]);
    expect_rank(inputs[0], 3, "(batch, steps, features)");
  }

  std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) override {
    const Value x = inputs[0];
    const Value positions = context.graph.constant(encoding(x.dim(1), x.dim(2)));
    return {x * options.input_scale + ops::cast(positions, x.dtype())};
  }

 private:
  Tensor encoding(std::int64_t steps, std::int64_t features) const {
    Tensor table({steps, features});
    const std::span<float> cells = table.data<float>();
    for (std::int64_t step = 0; step < steps; ++step) {
      for (std::int64_t i = 0; i < features; ++i) {
        const double turn = static_cast<double>(i - i % 2) / static_cast<double>(features);
        const double angle = static_cast<double>(step) / std::pow(options.max_wavelength, turn);
        cells[static_cast<std::size_t>(step * features + i)] =
            static_cast<float>(i % 2 == 0 ? std::sin(angle) : std::cos(angle));
      }
    }
    return table;
  }
};

const RegisterConfigured<SinusoidalPositionsLayer> registered("SinusoidalPositions");

}  // namespace

LayerPtr SinusoidalPositions(SinusoidalPositionsOptions options) {
  const auto layer = std::make_shared<SinusoidalPositionsLayer>();
  layer->options = options;
  return finish(layer, options);
}

}  // namespace sinew::layers
