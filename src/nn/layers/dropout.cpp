#include <fmt/format.h>

#include <cmath>

#include "nn/layers/noise.h"
#include "sinew/ops/ops.h"

namespace sinew::layers {
namespace {

/// Dropout and AlphaDropout differ in what becomes of dropped elements.
template <typename Derived, typename Options>
class DroppingLayer : public ConfiguredLayer<Derived> {
 public:
  bool supports_masking() const override { return true; }
  double rate = 0.0;
  Options options;

  static void fields(auto& self, auto& visit) {
    visit.required("rate", self.rate);
    visit("noise_shape", self.options.noise_shape);
    visit("seed", self.options.seed);
  }

  void check_arguments() override { expect_rate(*this, rate); }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    this->expect_inputs(1, inputs);
    this->expect_dtype(inputs[0]);
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
          this->where(), Shape(options.noise_shape).str(), shape.str()));
    }
  }

 protected:
  Shape decisions(Value x) const {
    std::vector<std::int64_t> extents = x.shape().dims();
    for (std::size_t axis = 0; axis < options.noise_shape.size(); ++axis) {
      if (options.noise_shape[axis] == 1) extents[axis] = 1;
    }
    return Shape(std::move(extents));
  }
};

class DropoutLayer final : public DroppingLayer<DropoutLayer, DropoutOptions> {
 public:
  std::string class_name() const override { return "Dropout"; }
  std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) override {
    return {drop(context, options.seed, rate, inputs[0], decisions(inputs[0]))};
  }
};

class AlphaDropoutLayer final : public DroppingLayer<AlphaDropoutLayer, AlphaDropoutOptions> {
 public:
  std::string class_name() const override { return "AlphaDropout"; }
  std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) override {
    const Value x = inputs[0];
    if (!context.training || rate == 0.0) return {x};
    // Selu's limit towards minus infinity: -scale alpha (Klambauer et al. 2017, section 3).
    constexpr double kLowest = -1.0507009873554805 * 1.6732632423543772;
    if (rate == 1.0) return {ops::zeros_like(x)};
    const double scale = 1 / std::sqrt((1 - rate) * (1 + rate * kLowest * kLowest));
    const double shift = -scale * kLowest * rate;
    const Value drawn = draw_uniform(context, options.seed, x, decisions(x));
    const Value keep = ops::greater_equal(drawn, ops::scalar_like(drawn, rate));
    return {scale * ops::where(keep, x, ops::scalar_like(x, kLowest)) + shift};
  }
};

const RegisterConfigured<DropoutLayer> registered("Dropout");
const RegisterConfigured<AlphaDropoutLayer> registered_alpha("AlphaDropout");

template <typename Dropping, typename Options>
LayerPtr make(double rate, const Options& options) {
  const auto layer = std::make_shared<Dropping>();
  layer->rate = rate;
  layer->options = options;
  return finish(layer, options);
}

}  // namespace

LayerPtr Dropout(double rate, DropoutOptions options) { return make<DropoutLayer>(rate, options); }
LayerPtr AlphaDropout(double rate, AlphaDropoutOptions options) {
  return make<AlphaDropoutLayer>(rate, options);
}

}  // namespace sinew::layers
