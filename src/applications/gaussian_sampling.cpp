#include <fmt/format.h>

#include "nn/layers/noise.h"
#include "sinew/applications/layers.h"
#include "sinew/ops/ops.h"

namespace sinew::layers {
namespace {

class GaussianSamplingLayer final : public ConfiguredLayer<GaussianSamplingLayer> {
 public:
  GaussianSamplingOptions options;

  std::string class_name() const override { return "GaussianSampling"; }
  static void fields(auto& self, auto& visit) {
    visit("kl_weight", self.options.kl_weight);
    visit("seed", self.options.seed);
  }

  void check_arguments() override {
    if (!(options.kl_weight >= 0)) {
      throw ValueError(
          fmt::format("{}: kl_weight is {}; it must be at least 0", where(), options.kl_weight));
    }
  }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    expect_inputs(2, inputs);
    for (const TensorType& input : inputs) expect_dtype(input);
    if (inputs[0].shape != inputs[1].shape || inputs[0].shape.rank() < 2) {
      throw ShapeError(
          fmt::format("{}: takes means and logarithms of variances of one shape (batch, …), but "
                      "was given {} and {}",
                      where(), inputs[0].shape.str(), inputs[1].shape.str()));
    }
  }

  std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) override {
    const Value mean = inputs[0], log_variance = inputs[1];
    if (options.kl_weight > 0) {
      const Value divergence =
          ops::sum(ops::exp(log_variance) + ops::square(mean) - 1.0 - log_variance) * 0.5;
      context.losses.push_back(divergence * (options.kl_weight / static_cast<double>(mean.dim(0))));
    }
    if (!context.training) return {mean};
    return {mean + ops::exp(log_variance * 0.5) * draw_normal(context, options.seed, mean)};
  }
};

const RegisterConfigured<GaussianSamplingLayer> registered("GaussianSampling");

}  // namespace

LayerPtr GaussianSampling(GaussianSamplingOptions options) {
  const auto layer = std::make_shared<GaussianSamplingLayer>();
  layer->options = options;
  return finish(layer, options);
}

}  // namespace sinew::layers
