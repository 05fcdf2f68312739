#include "nn/layers/noise.h"
#include "nn/layers/spatial.h"

namespace sinew::layers {
namespace {

/// Whole channels are dropped, so that neighbouring cells cannot stand in for each other.
template <std::size_t kSpatial>
class SpatialDropoutLayer final : public ConfiguredLayer<SpatialDropoutLayer<kSpatial>> {
 public:
  bool supports_masking() const override { return true; }
  double rate = 0.0;
  SpatialDropoutOptions options;

  std::string class_name() const override {
    return "SpatialDropout" + std::to_string(kSpatial) + "D";
  }
  static void fields(auto& self, auto& visit) {
    visit.required("rate", self.rate);
    visit("seed", self.options.seed);
    visit.leaves_out("trainable");
    if (kSpatial > 1) visit.only("data_format", std::string("channels_last"));
  }

  void check_arguments() override { expect_rate(*this, rate); }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    this->expect_inputs(1, inputs);
    this->expect_dtype(inputs[0]);
    expect_spatial(*this, inputs[0], kSpatial);
  }

  std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) override {
    std::vector<std::int64_t> decisions(kSpatial + 2, 1);
    decisions.front() = inputs[0].dim(0);
    decisions.back() = inputs[0].dim(-1);
    return {drop(context, options.seed, rate, inputs[0], Shape(decisions))};
  }
};

const RegisterConfigured<SpatialDropoutLayer<1>> registered1d("SpatialDropout1D");
const RegisterConfigured<SpatialDropoutLayer<2>> registered2d("SpatialDropout2D");
const RegisterConfigured<SpatialDropoutLayer<3>> registered3d("SpatialDropout3D");

template <std::size_t kSpatial>
LayerPtr make(double rate, const SpatialDropoutOptions& options) {
  const auto layer = std::make_shared<SpatialDropoutLayer<kSpatial>>();
  layer->rate = rate;
  layer->options = options;
  return finish(layer, options);
}

}  // namespace

LayerPtr SpatialDropout1D(double rate, SpatialDropoutOptions options) {
  return make<1>(rate, options);
}
LayerPtr SpatialDropout2D(double rate, SpatialDropoutOptions options) {
  return make<2>(rate, options);
}
LayerPtr SpatialDropout3D(double rate, SpatialDropoutOptions options) {
  return make<3>(rate, options);
}

}  // namespace sinew::layers
