#include <fmt/format.h>

#include <cmath>

#include "nn/layers/noise.h"
#include "sinew/ops/elementwise.h"

namespace sinew::layers {
namespace {

class GaussianDropoutLayer final : public ConfiguredLayer<GaussianDropoutLayer> {
 public:
  bool supports_masking() const override { return true; }
  double rate = 0.0;
  NoiseOptions options;

  std::string class_name() const override { return "GaussianDropout"; }
  static void fields(auto& self, auto& visit) {
    visit.required("rate", self.rate);
    visit("seed", self.options.seed);
  }

  void check_arguments() override {
    if (!(rate >= 0.0 && rate < 1.0)) {
      throw ValueError(
          fmt::format("{}: rate is {}; it must be at least 0 and below 1", where(), rate));
    }
  }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    expect_inputs(1, inputs);
    expect_dtype(inputs[0]);
  }

  std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) override {
    const Value x = inputs[0];
    if (!context.training || rate == 0.0) return {x};
    return {x * (1.0 + std::sqrt(rate / (1 - rate)) * draw_normal(context, options.seed, x))};
  }
};

class GaussianNoiseLayer final : public ConfiguredLayer<GaussianNoiseLayer> {
 public:
  bool supports_masking() const override { return true; }
  double stddev = 0.0;
  NoiseOptions options;

  std::string class_name() const override { return "GaussianNoise"; }
  static void fields(auto& self, auto& visit) {
    visit.required("stddev", self.stddev);
    visit("seed", self.options.seed);
  }

  void check_arguments() override {
    if (!(stddev >= 0.0 && stddev <= 1.0)) {
      throw ValueError(
          fmt::format("{}: stddev is {}; it must be between 0 and 1", where(), stddev));
    }
  }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    expect_inputs(1, inputs);
    expect_dtype(inputs[0]);
  }

  std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) override {
    const Value x = inputs[0];
    if (!context.training || stddev == 0.0) return {x};
    return {x + stddev * draw_normal(context, options.seed, x)};
  }
};

const RegisterConfigured<GaussianDropoutLayer> registered_dropout("GaussianDropout");
const RegisterConfigured<GaussianNoiseLayer> registered_noise("GaussianNoise");

}  // namespace

LayerPtr GaussianDropout(double rate, NoiseOptions options) {
  const auto layer = std::make_shared<GaussianDropoutLayer>();
  layer->rate = rate;
  layer->options = options;
  return finish(layer, options);
}

LayerPtr GaussianNoise(double stddev, NoiseOptions options) {
  const auto layer = std::make_shared<GaussianNoiseLayer>();
  layer->stddev = stddev;
  layer->options = options;
  return finish(layer, options);
}

}  // namespace sinew::layers
