#include <fmt/format.h>

#include "nn/layers/pooling.h"
#include "nn/layers/spatial.h"
#include "sinew/ops/array.h"

namespace sinew::layers {
namespace {

template <Pooling kPooling, typename Size>
class AdaptivePoolingLayer final : public ConfiguredLayer<AdaptivePoolingLayer<kPooling, Size>> {
 public:
  Size output_size;

  std::string class_name() const override {
    return fmt::format("Adaptive{}Pooling{}D", name_of(kPooling), extents(output_size).size());
  }
  static void fields(auto& self, auto& visit) {
    visit.required("output_size", self.output_size);
    visit.only("data_format", std::string("channels_last"));
  }

  void check_arguments() override { expect_positive(*this, "output_size", extents(output_size)); }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    this->expect_inputs(1, inputs);
    this->expect_dtype(inputs[0]);
    expect_spatial(*this, inputs[0], extents(output_size).size());
  }

  std::vector<Value> call(CallContext&, const std::vector<Value>& inputs) override {
    Value x = inputs[0];
    const std::vector<std::int64_t> cells = extents(output_size);
    std::vector<std::int64_t> window;
    bool even = true;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::int64_t extent = x.dim(static_cast<int>(i) + 1);
      even = even && extent % cells[i] == 0;
      window.push_back(extent / cells[i]);
    }
    if (even) return {pool(kPooling, x, {.pool_size = window})};
    // A window is a box, whose largest and mean can be had axis by axis.
    for (std::size_t i = 0; i < cells.size(); ++i) x = along(x, static_cast<int>(i) + 1, cells[i]);
    return {x};
  }

 private:
  /// Windows of unequal extents along one axis.
  static Value along(Value x, int axis, std::int64_t cells) {
    const std::int64_t extent = x.dim(axis);
    std::vector<Value> parts;
    for (std::int64_t i = 0; i < cells; ++i) {
      const std::int64_t begin = i * extent / cells;
      const std::int64_t end = ((i + 1) * extent + cells - 1) / cells;
      parts.push_back(reduce(kPooling, ops::slice(x, axis, begin, end), {axis}, true));
    }
    return ops::concatenate(parts, axis);
  }
};

using AdaptiveMaxPooling1DLayer = AdaptivePoolingLayer<Pooling::Max, Size1D>;
using AdaptiveMaxPooling2DLayer = AdaptivePoolingLayer<Pooling::Max, Size2D>;
using AdaptiveMaxPooling3DLayer = AdaptivePoolingLayer<Pooling::Max, Size3D>;
using AdaptiveAveragePooling1DLayer = AdaptivePoolingLayer<Pooling::Average, Size1D>;
using AdaptiveAveragePooling2DLayer = AdaptivePoolingLayer<Pooling::Average, Size2D>;
using AdaptiveAveragePooling3DLayer = AdaptivePoolingLayer<Pooling::Average, Size3D>;
const RegisterConfigured<AdaptiveMaxPooling1DLayer> registered_max1d("AdaptiveMaxPooling1D");
const RegisterConfigured<AdaptiveMaxPooling2DLayer> registered_max2d("AdaptiveMaxPooling2D");
const RegisterConfigured<AdaptiveMaxPooling3DLayer> registered_max3d("AdaptiveMaxPooling3D");
const RegisterConfigured<AdaptiveAveragePooling1DLayer> registered_mean1d(
    "AdaptiveAveragePooling1D");
const RegisterConfigured<AdaptiveAveragePooling2DLayer> registered_mean2d(
    "AdaptiveAveragePooling2D");
const RegisterConfigured<AdaptiveAveragePooling3DLayer> registered_mean3d(
    "AdaptiveAveragePooling3D");

template <typename Layer>
LayerPtr make(const auto& output_size, const LayerOptions& options) {
  const auto layer = std::make_shared<Layer>();
  layer->output_size = output_size;
  return finish(layer, options);
}

}  // namespace

LayerPtr AdaptiveMaxPooling1D(Size1D output_size, LayerOptions options) {
  return make<AdaptiveMaxPooling1DLayer>(output_size, options);
}
LayerPtr AdaptiveMaxPooling2D(Size2D output_size, LayerOptions options) {
  return make<AdaptiveMaxPooling2DLayer>(output_size, options);
}
LayerPtr AdaptiveMaxPooling3D(Size3D output_size, LayerOptions options) {
  return make<AdaptiveMaxPooling3DLayer>(output_size, options);
}
LayerPtr AdaptiveAveragePooling1D(Size1D output_size, LayerOptions options) {
  return make<AdaptiveAveragePooling1DLayer>(output_size, options);
}
LayerPtr AdaptiveAveragePooling2D(Size2D output_size, LayerOptions options) {
  return make<AdaptiveAveragePooling2DLayer>(output_size, options);
}
LayerPtr AdaptiveAveragePooling3D(Size3D output_size, LayerOptions options) {
  return make<AdaptiveAveragePooling3DLayer>(output_size, options);
}

}  // namespace sinew::layers
