#include <fmt/format.h>

#include <numeric>

#include "nn/layers/pooling.h"
#include "nn/layers/spatial.h"
#include "sinew/ops/ops.h"

namespace sinew::layers {
namespace {

template <Pooling kPooling, std::size_t kSpatial>
class GlobalPoolingLayer final : public ConfiguredLayer<GlobalPoolingLayer<kPooling, kSpatial>> {
 public:
  GlobalPoolingOptions options;

  std::string class_name() const override {
    return fmt::format("Global{}Pooling{}D", name_of(kPooling), kSpatial);
  }
  static void fields(auto& self, auto& visit) {
    visit.only("data_format", std::string("channels_last"));
    visit("keepdims", self.options.keepdims);
  }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    this->expect_inputs(1, inputs);
    this->expect_dtype(inputs[0]);
    expect_spatial(*this, inputs[0], kSpatial);
  }

  std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) override {
    std::vector<int> axes(kSpatial);
    std::iota(axes.begin(), axes.end(), 1);
    const Value mask = context.mask(inputs[0]);
    if (kPooling == Pooling::Average && kSpatial == 1 && mask) {
      const Value x = inputs[0], counts = ops::expand_dims(mask, 2);
      return {ops::sum(ops::where(counts, x, ops::zeros_like(x)), {1}, options.keepdims) /
              ops::sum(ops::cast(counts, x.dtype()), {1}, options.keepdims)};
    }
    return {reduce(kPooling, inputs[0], axes, options.keepdims)};
  }
};

using GlobalMaxPooling1DLayer = GlobalPoolingLayer<Pooling::Max, 1>;
using GlobalMaxPooling2DLayer = GlobalPoolingLayer<Pooling::Max, 2>;
using GlobalMaxPooling3DLayer = GlobalPoolingLayer<Pooling::Max, 3>;
using GlobalAveragePooling1DLayer = GlobalPoolingLayer<Pooling::Average, 1>;
using GlobalAveragePooling2DLayer = GlobalPoolingLayer<Pooling::Average, 2>;
using GlobalAveragePooling3DLayer = GlobalPoolingLayer<Pooling::Average, 3>;
const RegisterConfigured<GlobalMaxPooling1DLayer> registered_max1d("GlobalMaxPooling1D");
const RegisterConfigured<GlobalMaxPooling2DLayer> registered_max2d("GlobalMaxPooling2D");
const RegisterConfigured<GlobalMaxPooling3DLayer> registered_max3d("GlobalMaxPooling3D");
const RegisterConfigured<GlobalAveragePooling1DLayer> registered_mean1d("GlobalAveragePooling1D");
const RegisterConfigured<GlobalAveragePooling2DLayer> registered_mean2d("GlobalAveragePooling2D");
const RegisterConfigured<GlobalAveragePooling3DLayer> registered_mean3d("GlobalAveragePooling3D");

template <typename Layer>
LayerPtr make(const GlobalPoolingOptions& options) {
  const auto layer = std::make_shared<Layer>();
  layer->options = options;
  return finish(layer, options);
}

}  // namespace

LayerPtr GlobalMaxPooling1D(GlobalPooling1DOptions options) {
  return make<GlobalMaxPooling1DLayer>(options);
}
LayerPtr GlobalMaxPooling2D(GlobalPooling2DOptions options) {
  return make<GlobalMaxPooling2DLayer>(options);
}
LayerPtr GlobalMaxPooling3D(GlobalPooling3DOptions options) {
  return make<GlobalMaxPooling3DLayer>(options);
}
LayerPtr GlobalAveragePooling1D(GlobalPooling1DOptions options) {
  return make<GlobalAveragePooling1DLayer>(options);
}
LayerPtr GlobalAveragePooling2D(GlobalPooling2DOptions options) {
  return make<GlobalAveragePooling2DLayer>(options);
}
LayerPtr GlobalAveragePooling3D(GlobalPooling3DOptions options) {
  return make<GlobalAveragePooling3DLayer>(options);
}

}  // namespace sinew::layers
