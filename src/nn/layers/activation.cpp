#include <fmt/format.h>

#include "nn/layers/layer_support.h"
#include "sinew/ops/ops.h"

namespace sinew::layers {
namespace {

/// One floating input, of any shape.
template <typename Derived>
class ElementwiseLayer : public ConfiguredLayer<Derived> {
 public:
  bool supports_masking() const override { return true; }
  void check_inputs(const std::vector<TensorType>& inputs) const override {
    this->expect_inputs(1, inputs);
    this->expect_dtype(inputs[0]);
  }
};

class ActivationLayer final : public ElementwiseLayer<ActivationLayer> {
 public:
  ActivationFunction activation;

  std::string class_name() const override { return "Activation"; }
  static void fields(auto& self, auto& visit) { visit.required("activation", self.activation); }
  std::vector<Value> call(CallContext&, const std::vector<Value>& inputs) override {
    return {activation(inputs[0])};
  }
};

class ReLULayer final : public ElementwiseLayer<ReLULayer> {
 public:
  ReLUOptions options;

  std::string class_name() const override { return "ReLU"; }
  static void fields(auto& self, auto& visit) {
    visit("max_value", self.options.max_value);
    visit("negative_slope", self.options.negative_slope);
    visit("threshold", self.options.threshold);
  }
  void check_arguments() override {
    if (options.negative_slope < 0 || options.threshold < 0 || options.max_value.value_or(0) < 0) {
      throw ValueError(where() + ": max_value, negative_slope and threshold must not be negative");
    }
  }
  std::vector<Value> call(CallContext&, const std::vector<Value>& inputs) override {
    const Value x = inputs[0];
    const auto& [max_value, negative_slope, threshold, shape, name, dtype] = options;
    Value y;
    if (threshold == 0.0 && negative_slope == 0.0) {
      y = ops::relu(x);
    } else {
      const Value below = negative_slope * (x - threshold);
      const Value at_threshold = ops::scalar_like(x, threshold);
      y = ops::where(ops::greater_equal(x, at_threshold), x, below);
    }
    if (max_value) y = ops::minimum(y, *max_value);
    return {y};
  }
};

class LeakyReLULayer final : public ElementwiseLayer<LeakyReLULayer> {
 public:
  double negative_slope = 0.3;

  std::string class_name() const override { return "LeakyReLU"; }
  static void fields(auto& self, auto& visit) { visit("negative_slope", self.negative_slope); }
  void check_arguments() override {
    if (!(negative_slope >= 0)) {
      throw ValueError(fmt::format("{}: negative_slope is {}; it must not be negative", where(),
                                   negative_slope));
    }
  }
  std::vector<Value> call(CallContext&, const std::vector<Value>& inputs) override {
    return {activations::leaky_relu(inputs[0], negative_slope)};
  }
};

class ELULayer final : public ElementwiseLayer<ELULayer> {
 public:
  double alpha = 1.0;

  std::string class_name() const override { return "ELU"; }
  static void fields(auto& self, auto& visit) { visit("alpha", self.alpha); }
  std::vector<Value> call(CallContext&, const std::vector<Value>& inputs) override {
    return {activations::elu(inputs[0], alpha)};
  }
};

class SoftmaxLayer final : public ElementwiseLayer<SoftmaxLayer> {
 public:
  SoftmaxOptions options;

  std::string class_name() const override { return "Softmax"; }
  static void fields(auto& self, auto& visit) { visit("axis", self.options.axis); }
  std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) override {
    Value x = inputs[0];
    const Value mask = context.mask(x);
    if (!mask) return {ops::softmax(x, options.axis)};
    // Aligned at the last axis, as Keras broadcasts it.
    x = ops::where(mask, x, ops::scalar_like(x, -1e9));
    return {ops::where(mask, ops::softmax(x, options.axis), ops::zeros_like(x))};
  }
};

const RegisterConfigured<ActivationLayer> registered_activation("Activation");
const RegisterConfigured<ReLULayer> registered_relu("ReLU");
const RegisterConfigured<LeakyReLULayer> registered_leaky_relu("LeakyReLU");
const RegisterConfigured<ELULayer> registered_elu("ELU");
const RegisterConfigured<SoftmaxLayer> registered_softmax("Softmax");

}  // namespace

LayerPtr Activation(ActivationFunction activation, LayerOptions options) {
  const auto layer = std::make_shared<ActivationLayer>();
  layer->activation = std::move(activation);
  return finish(layer, options);
}

LayerPtr ReLU(ReLUOptions options) {
  const auto layer = std::make_shared<ReLULayer>();
  layer->options = options;
  return finish(layer, options);
}

LayerPtr LeakyReLU(double negative_slope, LayerOptions options) {
  const auto layer = std::make_shared<LeakyReLULayer>();
  layer->negative_slope = negative_slope;
  return finish(layer, options);
}

LayerPtr ELU(double alpha, LayerOptions options) {
  const auto layer = std::make_shared<ELULayer>();
  layer->alpha = alpha;
  return finish(layer, options);
}

LayerPtr Softmax(SoftmaxOptions options) {
  const auto layer = std::make_shared<SoftmaxLayer>();
  layer->options = options;
  return finish(layer, options);
}

}  // namespace sinew::layers
