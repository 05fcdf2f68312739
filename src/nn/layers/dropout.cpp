#include <fmt/format.h>

#include "nn/layers/layer_support.h"
#include "sinew/ops/ops.h"

namespace sinew::layers {
namespace {

class DropoutLayer final : public ConfiguredLayer<DropoutLayer> {
 public:
  double rate = 0.0;
  DropoutOptions options;

  std::string class_name() const override { return "Dropout"; }
  static void fields(auto& self, auto& visit) {
    visit.required("rate", self.rate);
    visit("noise_shape", self.options.noise_shape);
    visit("seed", self.options.seed);
  }

  void check_arguments() override {
    if (!(rate >= 0.0 && rate <= 1.0)) {
      throw ValueError(fmt::format("{}: rate is {}; it must be between 0 and 1", where(), rate));
    }
  }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    expect_inputs(1, inputs);
    expect_dtype(inputs[0]);
    const Shape& shape = inputs[0].shape;
    if (options.noise_shape.empty()) return;
    bool fits = static_cast<int>(options.noise_shape.size()) == shape.rank();
    for (int axis = 0; fits && axis < shape.rank(); ++axis) {
      const std::int64_t extent = options.noise_shape[static_cast<std::size_t>(axis)];
      fits = extent == -1 || extent == 1 || shape[axis] == Shape::kUnknown || extent == shape[axis];
    }
    if (!fits) {
      throw ShapeError(fmt::format(
          "{}: noise_shape {} does not fit input shape {}: each extent must be -1, 1 or the "
          "input's",
          where(), Shape(options.noise_shape).str(), shape.str()));
    }
  }

  std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) override {
    const Value x = inputs[0];
    if (!context.training || rate == 0.0) return {x};
    if (rate == 1.0) return {ops::zeros_like(x)};
    std::vector<std::int64_t> mask = x.shape().dims();
    for (std::size_t axis = 0; axis < options.noise_shape.size(); ++axis) {
      if (options.noise_shape[axis] == 1) mask[axis] = 1;
    }
    const Value seed =
        options.seed ? context.graph.constant(Tensor::scalar(*options.seed)) : context.seed;
    // Of 8 binary digits the largest would be 1.
    const DType precise = x.dtype() == DType::BFloat16 ? DType::Float32 : x.dtype();
    const Value drawn =
        ops::random_uniform(seed, context.step, context.next_stream++, Shape(mask), precise);
    // drawn is in [0, 1), so an element stays with probability 1 - rate exactly.
    const Value keep = ops::greater_equal(drawn, ops::scalar_like(drawn, rate));
    return {ops::where(keep, x / (1.0 - rate), ops::scalar_like(x, 0.0))};
  }
};

const RegisterConfigured<DropoutLayer> registered("Dropout");

}  // namespace

LayerPtr Dropout(double rate, DropoutOptions options) {
  const auto layer = std::make_shared<DropoutLayer>();
  layer->rate = rate;
  layer->options = options;
  return finish(layer, options);
}

}  // namespace sinew::layers
