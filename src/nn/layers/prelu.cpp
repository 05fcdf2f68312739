#include <fmt/format.h>

#include <algorithm>

#include "nn/layers/layer_support.h"
#include "sinew/ops/elementwise.h"

namespace sinew::layers {
namespace {

class PReLULayer final : public ConfiguredLayer<PReLULayer> {
 public:
  bool supports_masking() const override { return true; }
  PReLUOptions options;

  std::string class_name() const override { return "PReLU"; }
  static void fields(auto& self, auto& visit) {
    visit("alpha_initializer", self.options.alpha_initializer);
    visit("alpha_regularizer", self.options.alpha_regularizer);
    visit("alpha_constraint", self.options.alpha_constraint);
    visit("shared_axes", self.options.shared_axes);
  }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    expect_inputs(1, inputs);
    expect_dtype(inputs[0]);
    const Shape& shape = inputs[0].shape;
    if (shape.rank() < 2) expect_rank(inputs[0], 2, "(batch, features), or more");
    for (std::int64_t axis : options.shared_axes) {
      if (axis < 1 || axis >= shape.rank()) {
        throw ShapeError(fmt::format("{}: shared axis {} is not one of 1 to {} (input shape {})",
                                     where(), axis, shape.rank() - 1, shape.str()));
      }
    }
    for (int axis = 1; alpha_ && axis < shape.rank(); ++axis)
      if (!shared(axis)) expect_extent(inputs[0], axis, alpha_->shape()[axis - 1], "features");
  }

  void build(const std::vector<Shape>& input_shapes) override {
    std::vector<std::int64_t> extents;
    for (int axis = 1; axis < input_shapes[0].rank(); ++axis)
      extents.push_back(shared(axis) ? 1 : known_extent(input_shapes[0], axis, "features"));
    alpha_ = add_weight(
        "alpha", Shape(std::move(extents)),
        {options.alpha_initializer, options.alpha_regularizer, options.alpha_constraint});
  }

  std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) override {
    const Value x = inputs[0];
    return {ops::relu(x) - weight(context, alpha_) * ops::relu(-x)};
  }

 private:
  bool shared(std::int64_t axis) const {
    return std::find(options.shared_axes.begin(), options.shared_axes.end(), axis) !=
           options.shared_axes.end();
  }

  VariablePtr alpha_;
};

const RegisterConfigured<PReLULayer> registered("PReLU");

}  // namespace

LayerPtr PReLU(PReLUOptions options) {
  const auto layer = std::make_shared<PReLULayer>();
  layer->options = options;
  return finish(layer, options);
}

}  // namespace sinew::layers
