#include <fmt/format.h>

#include <algorithm>

#include "nn/layers/layer_support.h"
#include "sinew/ops/ops.h"

namespace sinew::layers {
namespace {

/// Axes counted from the front, in order, none of them the batch.
std::vector<int> sample_axes(const Layer& layer, const std::vector<std::int64_t>& axis, int rank) {
  std::vector<int> axes;
  for (std::int64_t i : axis)
    axes.push_back(normalize_axis(static_cast<int>(i), rank, (layer.where() + ": axis").c_str()));
  std::sort(axes.begin(), axes.end());
  if (std::adjacent_find(axes.begin(), axes.end()) != axes.end())
    throw ShapeError(layer.where() + ": axis names one axis twice");
  if (axes.front() == 0)
    throw ShapeError(layer.where() + ": axis 0 is the batch; normalise other axes, such as -1");
  return axes;
}

class RMSNormalizationLayer final : public ConfiguredLayer<RMSNormalizationLayer> {
 public:
  RMSNormalizationOptions options;

  std::string class_name() const override { return "RMSNormalization"; }
  bool computes_in_weights_dtype() const override { return true; }
  static void fields(auto& self, auto& visit) {
    visit("axis", self.options.axis);
    visit("epsilon", self.options.epsilon);
  }

  void check_arguments() override {
    if (options.axis.empty()) throw ValueError(where() + ": axis is empty; give one, such as -1");
    if (!(options.epsilon > 0.0)) {
      throw ValueError(
          fmt::format("{}: epsilon is {}; it must be positive", where(), options.epsilon));
    }
  }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    expect_inputs(1, inputs);
    expect_dtype(inputs[0]);
    if (inputs[0].shape.rank() < 2) expect_rank(inputs[0], 2, "(batch, features), or more");
    const std::vector<int> axes = sample_axes(*this, options.axis, inputs[0].shape.rank());
    for (std::size_t i = 0; scale_ && i < axes.size(); ++i)
      expect_extent(inputs[0], axes[i], scale_->shape().dims()[i], "features");
  }

  void build(const std::vector<Shape>& input_shapes) override {
    std::vector<std::int64_t> extents;
    for (int axis : sample_axes(*this, options.axis, input_shapes[0].rank()))
      extents.push_back(known_extent(input_shapes[0], axis, "features"));
    scale_ = add_weight("scale", Shape(std::move(extents)), {"ones"});
  }

  std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) override {
    const Value x = inputs[0];
    const std::vector<int> axes = sample_axes(*this, options.axis, x.rank());
    std::vector<std::int64_t> aligned(static_cast<std::size_t>(x.rank()), 1);
    for (int axis : axes) aligned[static_cast<std::size_t>(axis)] = x.dim(axis);
    const Value inverse = ops::rsqrt(ops::mean(ops::square(x), axes, true) + options.epsilon);
    return {x * inverse * ops::reshape(weight(context, scale_), Shape(std::move(aligned)))};
  }

 private:
  VariablePtr scale_;
};

class UnitNormalizationLayer final : public ConfiguredLayer<UnitNormalizationLayer> {
 public:
  bool supports_masking() const override { return true; }
  UnitNormalizationOptions options;

  std::string class_name() const override { return "UnitNormalization"; }
  static void fields(auto& self, auto& visit) { visit("axis", self.options.axis); }

  void check_arguments() override {
    if (options.axis.empty()) throw ValueError(where() + ": axis is empty; give one, such as -1");
  }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    expect_inputs(1, inputs);
    expect_dtype(inputs[0]);
    if (inputs[0].shape.rank() < 2) expect_rank(inputs[0], 2, "(batch, features), or more");
    sample_axes(*this, options.axis, inputs[0].shape.rank());
  }

  std::vector<Value> call(CallContext&, const std::vector<Value>& inputs) override {
    const Value x = inputs[0];
    const Value squares =
        ops::sum(ops::square(x), sample_axes(*this, options.axis, x.rank()), true);
    // Keras's limit of the norm is 1e-12.
    return {x * ops::rsqrt(ops::maximum(squares, 1e-24))};
  }
};

const RegisterConfigured<RMSNormalizationLayer> registered_rms("RMSNormalization");
const RegisterConfigured<UnitNormalizationLayer> registered_unit("UnitNormalization");

}  // namespace

LayerPtr RMSNormalization(RMSNormalizationOptions options) {
  const auto layer = std::make_shared<RMSNormalizationLayer>();
  layer->options = options;
  return finish(layer, options);
}

LayerPtr UnitNormalization(UnitNormalizationOptions options) {
  const auto layer = std::make_shared<UnitNormalizationLayer>();
  layer->options = options;
  return finish(layer, options);
}

}  // namespace sinew::layers
