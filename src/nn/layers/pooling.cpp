#include "nn/layers/pooling.h"

#include <fmt/format.h>

#include "nn/layers/spatial.h"
#include "sinew/ops/pool.h"

namespace sinew::layers {
namespace {

template <Pooling kPooling, typename Size>
class PoolingLayer final : public ConfiguredLayer<PoolingLayer<kPooling, Size>> {
 public:
  Size pool_size = 2;
  PoolingOptions<Size> options;

  std::string class_name() const override {
    return fmt::format("{}Pooling{}D", name_of(kPooling), extents(pool_size).size());
  }
  static void fields(auto& self, auto& visit) {
    visit("pool_size", self.pool_size);
    visit("strides", self.options.strides);
    visit("padding", self.options.padding);
    visit.only("data_format", std::string("channels_last"));
  }

  void check_arguments() override {
    if (options.strides == Size{}) options.strides = pool_size;
    expect_positive(*this, "pool_size", extents(pool_size));
    expect_positive(*this, "strides", extents(options.strides));
    expect_padding(*this, options.padding);
  }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    this->expect_inputs(1, inputs);
    this->expect_dtype(inputs[0]);
    expect_spatial(*this, inputs[0], extents(pool_size).size());
    expect_window_fits(*this, options.padding, inputs[0].shape, extents(pool_size));
  }

  std::vector<Value> call(CallContext&, const std::vector<Value>& inputs) override {
    const auto size = extents(pool_size), strides = extents(options.strides);
    return {pool(kPooling, inputs[0],
                 {.pool_size = size,
                  .strides = strides,
                  .padding = window_padding(options.padding, inputs[0].shape(), size, strides)})};
  }
};

using MaxPooling1DLayer = PoolingLayer<Pooling::Max, Size1D>;
using MaxPooling2DLayer = PoolingLayer<Pooling::Max, Size2D>;
using MaxPooling3DLayer = PoolingLayer<Pooling::Max, Size3D>;
using AveragePooling1DLayer = PoolingLayer<Pooling::Average, Size1D>;
using AveragePooling2DLayer = PoolingLayer<Pooling::Average, Size2D>;
using AveragePooling3DLayer = PoolingLayer<Pooling::Average, Size3D>;
const RegisterConfigured<MaxPooling1DLayer> registered_max1d("MaxPooling1D");
const RegisterConfigured<MaxPooling2DLayer> registered_max2d("MaxPooling2D");
const RegisterConfigured<MaxPooling3DLayer> registered_max3d("MaxPooling3D");
const RegisterConfigured<AveragePooling1DLayer> registered_average1d("AveragePooling1D");
const RegisterConfigured<AveragePooling2DLayer> registered_average2d("AveragePooling2D");
const RegisterConfigured<AveragePooling3DLayer> registered_average3d("AveragePooling3D");

template <typename Layer>
LayerPtr make(const auto& pool_size, const auto& options) {
  const auto layer = std::make_shared<Layer>();
  layer->pool_size = pool_size;
  layer->options = options;
  return finish(layer, options);
}

}  // namespace

LayerPtr MaxPooling1D(Size1D pool_size, Pooling1DOptions options) {
  return make<MaxPooling1DLayer>(pool_size, options);
}
LayerPtr MaxPooling2D(Size2D pool_size, Pooling2DOptions options) {
  return make<MaxPooling2DLayer>(pool_size, options);
}
LayerPtr MaxPooling3D(Size3D pool_size, Pooling3DOptions options) {
  return make<MaxPooling3DLayer>(pool_size, options);
}
LayerPtr AveragePooling1D(Size1D pool_size, Pooling1DOptions options) {
  return make<AveragePooling1DLayer>(pool_size, options);
}
LayerPtr AveragePooling2D(Size2D pool_size, Pooling2DOptions options) {
  return make<AveragePooling2DLayer>(pool_size, options);
}
LayerPtr AveragePooling3D(Size3D pool_size, Pooling3DOptions options) {
  return make<AveragePooling3DLayer>(pool_size, options);
}

}  // namespace sinew::layers
