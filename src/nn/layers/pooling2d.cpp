#include "nn/layers/image.h"
#include "sinew/ops/pool.h"

namespace sinew::layers {
namespace {

/// Max and average pooling differ in one op.
template <typename Derived>
class PoolingLayer : public ConfiguredLayer<Derived> {
 public:
  Size2D pool_size = {2, 2};
  Pooling2DOptions options;

  static void fields(auto& self, auto& visit) {
    visit("pool_size", self.pool_size);
    visit("strides", self.options.strides);
    visit("padding", self.options.padding);
    visit.only("data_format", std::string("channels_last"));
  }

  void check_arguments() override {
    if (options.strides == Size2D{}) options.strides = pool_size;
    expect_positive(*this, "pool_size", pool_size);
    expect_positive(*this, "strides", options.strides);
    expect_padding(*this, options.padding);
  }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    this->expect_inputs(1, inputs);
    this->expect_dtype(inputs[0]);
    this->expect_rank(inputs[0], 4, "(batch, rows, columns, channels)");
    expect_window_fits(*this, options.padding, inputs[0].shape, pool_size);
  }

  std::vector<Value> call(CallContext&, const std::vector<Value>& inputs) override {
    return {Derived::pool(inputs[0], {.pool_size = pair(pool_size),
                                      .strides = pair(options.strides),
                                      .padding = window_padding(options.padding, inputs[0].shape(),
                                                                pool_size, options.strides)})};
  }
};

class MaxPooling2DLayer final : public PoolingLayer<MaxPooling2DLayer> {
 public:
  std::string class_name() const override { return "MaxPooling2D"; }
  static Value pool(Value x, const ops::Pool2DOptions& options) {
    return ops::max_pool2d(x, options);
  }
};

class AveragePooling2DLayer final : public PoolingLayer<AveragePooling2DLayer> {
 public:
  std::string class_name() const override { return "AveragePooling2D"; }
  static Value pool(Value x, const ops::Pool2DOptions& options) {
    return ops::average_pool2d(x, options);
  }
};

const RegisterConfigured<MaxPooling2DLayer> registered_max("MaxPooling2D");
const RegisterConfigured<AveragePooling2DLayer> registered_average("AveragePooling2D");

template <typename Pooling>
LayerPtr make(Size2D pool_size, const Pooling2DOptions& options) {
  const auto layer = std::make_shared<Pooling>();
  layer->pool_size = pool_size;
  layer->options = options;
  return finish(layer, options);
}

}  // namespace

LayerPtr MaxPooling2D(Size2D pool_size, Pooling2DOptions options) {
  return make<MaxPooling2DLayer>(pool_size, options);
}
LayerPtr AveragePooling2D(Size2D pool_size, Pooling2DOptions options) {
  return make<AveragePooling2DLayer>(pool_size, options);
}

}  // namespace sinew::layers
