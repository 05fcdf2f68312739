#include "nn/layers/layer_support.h"
#include "sinew/ops/reduce.h"

namespace sinew::layers {
namespace {

/// Global max and average pooling differ in one reduction.
template <typename Derived>
class GlobalPoolingLayer : public ConfiguredLayer<Derived> {
 public:
  GlobalPooling2DOptions options;

  static void fields(auto& self, auto& visit) {
    visit.only("data_format", std::string("channels_last"));
    visit("keepdims", self.options.keepdims);
  }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    this->expect_inputs(1, inputs);
    this->expect_dtype(inputs[0]);
    this->expect_rank(inputs[0], 4, "(batch, rows, columns, channels)");
  }

  std::vector<Value> call(CallContext&, const std::vector<Value>& inputs) override {
    return {Derived::reduce(inputs[0], {1, 2}, options.keepdims)};
  }
};

class GlobalAveragePooling2DLayer final : public GlobalPoolingLayer<GlobalAveragePooling2DLayer> {
 public:
  std::string class_name() const override { return "GlobalAveragePooling2D"; }
  static Value reduce(Value x, std::vector<int> axes, bool keepdims) {
    return ops::mean(x, std::move(axes), keepdims);
  }
};

class GlobalMaxPooling2DLayer final : public GlobalPoolingLayer<GlobalMaxPooling2DLayer> {
 public:
  std::string class_name() const override { return "GlobalMaxPooling2D"; }
  static Value reduce(Value x, std::vector<int> axes, bool keepdims) {
    return ops::max(x, std::move(axes), keepdims);
  }
};

const RegisterConfigured<GlobalAveragePooling2DLayer> registered_average("GlobalAveragePooling2D");
const RegisterConfigured<GlobalMaxPooling2DLayer> registered_max("GlobalMaxPooling2D");

template <typename Pooling>
LayerPtr make(const GlobalPooling2DOptions& options) {
  const auto layer = std::make_shared<Pooling>();
  layer->options = options;
  return finish(layer, options);
}

}  // namespace

LayerPtr GlobalAveragePooling2D(GlobalPooling2DOptions options) {
  return make<GlobalAveragePooling2DLayer>(options);
}
LayerPtr GlobalMaxPooling2D(GlobalPooling2DOptions options) {
  return make<GlobalMaxPooling2DLayer>(options);
}

}  // namespace sinew::layers
