#include <fmt/format.h>

#include "nn/layers/spatial.h"
#include "ops/crop.h"
#include "sinew/ops/array.h"

namespace sinew::layers {
namespace {

/// What lies before and after each axis: nothing of the batch and the channels.
auto of_all_axes(const std::vector<Border>& spatial) {
  std::pair<std::vector<std::int64_t>, std::vector<std::int64_t>> result{{0}, {0}};
  for (const Border& border : spatial) {
    result.first.push_back(border.before);
    result.second.push_back(border.after);
  }
  result.first.push_back(0);
  result.second.push_back(0);
  return result;
}

/// Zeros around the spatial axes.
template <typename Derived, typename Borders>
class PaddingLayer : public ConfiguredLayer<Derived> {
 public:
  Borders padding = 1;

  static void fields(auto& self, auto& visit) {
    visit("padding", self.padding);
    visit.only("data_format", std::string("channels_last"));
  }

  void check_arguments() override {
    for (const Border& border : borders(padding)) {
      expect_at_least(*this, "padding", border.before, 0);
      expect_at_least(*this, "padding", border.after, 0);
    }
  }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    this->expect_inputs(1, inputs);
    this->expect_dtype(inputs[0]);
    expect_spatial(*this, inputs[0], borders(padding).size());
  }

  std::vector<Value> call(CallContext&, const std::vector<Value>& inputs) override {
    const auto [before, after] = of_all_axes(borders(padding));
    return {ops::pad(inputs[0], before, after)};
  }
};

/// The spatial axes without cells at their ends.
template <typename Derived, typename Borders>
class CroppingLayer : public ConfiguredLayer<Derived> {
 public:
  Borders cropping = Derived::kDefault;

  static void fields(auto& self, auto& visit) {
    visit("cropping", self.cropping);
    if (borders(self.cropping).size() > 1) visit.only("data_format", std::string("channels_last"));
  }

  void check_arguments() override {
    for (const Border& border : borders(cropping)) {
      expect_at_least(*this, "cropping", border.before, 0);
      expect_at_least(*this, "cropping", border.after, 0);
    }
  }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    this->expect_inputs(1, inputs);
    const std::vector<Border> all = borders(cropping);
    expect_spatial(*this, inputs[0], all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      const std::int64_t extent = inputs[0].shape[static_cast<int>(i) + 1];
      if (extent == Shape::kUnknown || extent > all[i].before + all[i].after) continue;
      throw ShapeError(fmt::format(
          "{}: cropping ({}, {}) leaves nothing of the {} cells of axis {} (input shape {})",
          this->where(), all[i].before, all[i].after, extent, i + 1, inputs[0].shape.str()));
    }
  }

  std::vector<Value> call(CallContext&, const std::vector<Value>& inputs) override {
    const auto [before, after] = of_all_axes(borders(cropping));
    return {ops::crop(inputs[0], before, after)};
  }
};

class ZeroPadding1DLayer final : public PaddingLayer<ZeroPadding1DLayer, Border> {
 public:
  std::string class_name() const override { return "ZeroPadding1D"; }
};
class ZeroPadding2DLayer final : public PaddingLayer<ZeroPadding2DLayer, Border2D> {
 public:
  std::string class_name() const override { return "ZeroPadding2D"; }
};
class ZeroPadding3DLayer final : public PaddingLayer<ZeroPadding3DLayer, Border3D> {
 public:
  std::string class_name() const override { return "ZeroPadding3D"; }
};
class Cropping1DLayer final : public CroppingLayer<Cropping1DLayer, Border> {
 public:
  static constexpr int kDefault = 1;
  std::string class_name() const override { return "Cropping1D"; }
};
class Cropping2DLayer final : public CroppingLayer<Cropping2DLayer, Border2D> {
 public:
  static constexpr int kDefault = 0;
  std::string class_name() const override { return "Cropping2D"; }
};
class Cropping3DLayer final : public CroppingLayer<Cropping3DLayer, Border3D> {
 public:
  static constexpr int kDefault = 1;
  std::string class_name() const override { return "Cropping3D"; }
};

const RegisterConfigured<ZeroPadding1DLayer> registered_padding1d("ZeroPadding1D");
const RegisterConfigured<ZeroPadding2DLayer> registered_padding2d("ZeroPadding2D");
const RegisterConfigured<ZeroPadding3DLayer> registered_padding3d("ZeroPadding3D");
const RegisterConfigured<Cropping1DLayer> registered_cropping1d("Cropping1D");
const RegisterConfigured<Cropping2DLayer> registered_cropping2d("Cropping2D");
const RegisterConfigured<Cropping3DLayer> registered_cropping3d("Cropping3D");

template <typename Padding>
LayerPtr make_padding(const auto& padding, const LayerOptions& options) {
  const auto layer = std::make_shared<Padding>();
  layer->padding = padding;
  return finish(layer, options);
}

template <typename Cropping>
LayerPtr make_cropping(const auto& cropping, const LayerOptions& options) {
  const auto layer = std::make_shared<Cropping>();
  layer->cropping = cropping;
  return finish(layer, options);
}

}  // namespace

LayerPtr ZeroPadding1D(Border padding, LayerOptions options) {
  return make_padding<ZeroPadding1DLayer>(padding, options);
}
LayerPtr ZeroPadding2D(Border2D padding, LayerOptions options) {
  return make_padding<ZeroPadding2DLayer>(padding, options);
}
LayerPtr ZeroPadding3D(Border3D padding, LayerOptions options) {
  return make_padding<ZeroPadding3DLayer>(padding, options);
}
LayerPtr Cropping1D(Border cropping, LayerOptions options) {
  return make_cropping<Cropping1DLayer>(cropping, options);
}
LayerPtr Cropping2D(Border2D cropping, LayerOptions options) {
  return make_cropping<Cropping2DLayer>(cropping, options);
}
LayerPtr Cropping3D(Border3D cropping, LayerOptions options) {
  return make_cropping<Cropping3DLayer>(cropping, options);
}

}  // namespace sinew::layers
