#include <algorithm>
#include <cmath>

#include "nn/layers/spatial.h"
#include "sinew/ops/ops.h"

namespace sinew::layers {
namespace {

/// Each cell as a block of so many cells: an axis of its own behind each spatial one, broadcast.
Value repeat(Value x, const std::vector<std::int64_t>& times) {
  std::vector<std::int64_t> apart{x.dim(0)}, wide{x.dim(0)}, together{x.dim(0)};
  for (std::size_t i = 0; i < times.size(); ++i) {
    const std::int64_t extent = x.dim(static_cast<int>(i) + 1);
    apart.insert(apart.end(), {extent, 1});
    wide.insert(wide.end(), {extent, times[i]});
    together.push_back(extent * times[i]);
  }
  for (auto* extents : {&apart, &wide, &together}) extents->push_back(x.dim(-1));
  return ops::reshape(ops::broadcast_to(ops::reshape(x, Shape(apart)), Shape(wide)),
                      Shape(together));
}

/// The neighbours of an axis' cells, one step before or after; the outermost cells are their own.
Value neighbours(Value x, int axis, bool after) {
  const std::int64_t extent = x.dim(axis);
  if (extent == 1) return x;
  const Value inner = ops::slice(x, axis, after ? 1 : 0, after ? extent : extent - 1);
  const std::int64_t edge = after ? extent - 1 : 0;
  const Value outer = ops::slice(x, axis, edge, edge + 1);
  return after ? ops::concatenate({inner, outer}, axis) : ops::concatenate({outer, inner}, axis);
}

/// Cell `times` q + phase lies at q + (phase + 1/2) / times - 1/2 in cells of x: of the same
/// weights for every q, between q and one of its neighbours.
Value interpolate(Value x, int axis, std::int64_t times) {
  if (times == 1) return x;
  const Value before = neighbours(x, axis, false);
  const Value after = neighbours(x, axis, true);
  std::vector<Value> phases;
  for (std::int64_t phase = 0; phase < times; ++phase) {
    const double offset = (static_cast<double>(phase) + 0.5) / static_cast<double>(times) - 0.5;
    const double share = std::abs(offset);
    const Value neighbour = offset < 0 ? before : after;
    phases.push_back(share == 0 ? x : (1 - share) * x + share * neighbour);
  }
  return ops::reshape(ops::stack(phases, axis + 1), x.shape().with(axis, x.dim(axis) * times));
}

template <typename Derived, typename Size>
class UpSamplingLayer : public ConfiguredLayer<Derived> {
 public:
  Size size = 2;

  void check_arguments() override {
    for (std::int64_t times : extents(size)) expect_at_least(*this, "size", times, 1);
  }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    this->expect_inputs(1, inputs);
    this->expect_dtype(inputs[0]);
    expect_spatial(*this, inputs[0], extents(size).size());
  }

  std::vector<Value> call(CallContext&, const std::vector<Value>& inputs) override {
    const std::vector<std::int64_t> times = extents(size);
    if (!interpolated()) return {repeat(inputs[0], times)};
    Value x = inputs[0];
    // From the last axis on, so that the small result of each is what the next one copies.
    for (std::size_t i = times.size(); i-- > 0;)
      x = interpolate(x, static_cast<int>(i) + 1, times[i]);
    return {x};
  }

 protected:
  virtual bool interpolated() const { return false; }
};

class UpSampling1DLayer final : public UpSamplingLayer<UpSampling1DLayer, Size1D> {
 public:
  std::string class_name() const override { return "UpSampling1D"; }
  static void fields(auto& self, auto& visit) { visit("size", self.size.steps); }
};

class UpSampling2DLayer final : public UpSamplingLayer<UpSampling2DLayer, Size2D> {
 public:
  std::string interpolation = "nearest";

  std::string class_name() const override { return "UpSampling2D"; }
  static void fields(auto& self, auto& visit) {
    visit("size", self.size);
    visit.only("data_format", std::string("channels_last"));
    visit("interpolation", self.interpolation);
  }
  void check_arguments() override {
    UpSamplingLayer::check_arguments();
    expect_one_of(*this, "interpolation", interpolation, {"nearest", "bilinear"});
  }

 protected:
  bool interpolated() const override { return interpolation == "bilinear"; }
};

class UpSampling3DLayer final : public UpSamplingLayer<UpSampling3DLayer, Size3D> {
 public:
  std::string class_name() const override { return "UpSampling3D"; }
  static void fields(auto& self, auto& visit) {
    visit("size", self.size);
    visit.only("data_format", std::string("channels_last"));
  }
};

const RegisterConfigured<UpSampling1DLayer> registered1d("UpSampling1D");
const RegisterConfigured<UpSampling2DLayer> registered2d("UpSampling2D");
const RegisterConfigured<UpSampling3DLayer> registered3d("UpSampling3D");

}  // namespace

LayerPtr UpSampling1D(std::int64_t size, LayerOptions options) {
  const auto layer = std::make_shared<UpSampling1DLayer>();
  layer->size = size;
  return finish(layer, options);
}

LayerPtr UpSampling2D(Size2D size, UpSampling2DOptions options) {
  const auto layer = std::make_shared<UpSampling2DLayer>();
  layer->size = size;
  layer->interpolation = options.interpolation;
  return finish(layer, options);
}

LayerPtr UpSampling3D(Size3D size, LayerOptions options) {
  const auto layer = std::make_shared<UpSampling3DLayer>();
  layer->size = size;
  return finish(layer, options);
}

}  // namespace sinew::layers
