#include <fmt/format.h>

#include "nn/layers/layer_support.h"
#include "sinew/ops/ops.h"

namespace sinew::layers {
namespace {

class GroupNormalizationLayer final : public ConfiguredLayer<GroupNormalizationLayer> {
 public:
  bool supports_masking() const override { return true; }
  GroupNormalizationOptions options;

  std::string class_name() const override { return "GroupNormalization"; }
  bool computes_in_weights_dtype() const override { return true; }

  static void fields(auto& self, auto& visit) {
    visit("groups", self.options.groups);
    visit("axis", self.options.axis);
    visit("epsilon", self.options.epsilon);
    visit("center", self.options.center);
    visit("scale", self.options.scale);
    beta_and_gamma_fields(self, visit);
  }

  void check_arguments() override {
    if (options.groups != -1) expect_at_least(*this, "groups", options.groups, 1);
    if (!(options.epsilon > 0.0)) {
      throw ValueError(
          fmt::format("{}: epsilon is {}; it must be positive", where(), options.epsilon));
    }
  }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    expect_inputs(1, inputs);
    expect_dtype(inputs[0]);
    const Shape& shape = inputs[0].shape;
    if (shape.rank() < 2) expect_rank(inputs[0], 2, "(batch, features), or more");
    if (axis(shape) == 0)
      throw ShapeError(where() + ": axis 0 is the batch; group another axis, such as -1");
    if (const VariablePtr& weight = gamma_ ? gamma_ : beta_)
      expect_extent(inputs[0], axis(shape), weight->shape()[0], "features");
    const std::int64_t features = shape[axis(shape)];
    if (features != Shape::kUnknown && features % groups(features) != 0) {
      throw ShapeError(fmt::format(
          "{}: {} features (axis {} of input {}) cannot be split into {} groups of equal size",
          where(), features, options.axis, shape.str(), options.groups));
    }
  }

  void build(const std::vector<Shape>& input_shapes) override {
    const Shape& shape = input_shapes[0];
    const Shape features{known_extent(shape, axis(shape), "features")};
    if (options.scale)
      gamma_ = add_weight(
          "gamma", features,
          {options.gamma_initializer, options.gamma_regularizer, options.gamma_constraint});
    if (options.center)
      beta_ =
          add_weight("beta", features,
                     {options.beta_initializer, options.beta_regularizer, options.beta_constraint});
  }

  std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) override {
    const Value x = inputs[0];
    const int at = axis(x.shape());
    const std::int64_t count = groups(x.dim(at));
    // The axis becomes (groups, features of one).
    const auto split = [&](const Shape& shape) {
      std::vector<std::int64_t> dims = shape.dims();
      dims[static_cast<std::size_t>(at)] /= count;
      dims.insert(dims.begin() + at, count);
      return Shape(std::move(dims));
    };
    const Value grouped = ops::reshape(x, split(x.shape()));
    std::vector<int> axes;
    for (int i = 1; i < grouped.rank(); ++i)
      if (i != at) axes.push_back(i);
    const Value mean = ops::mean(grouped, axes, true);
    const Value variance = ops::mean(ops::square(grouped - mean), axes, true);
    Value y = (grouped - mean) * ops::rsqrt(variance + options.epsilon);
    const Shape aligned =
        split(Shape(std::vector<std::int64_t>(static_cast<std::size_t>(x.rank()), 1))
                  .with(at, x.dim(at)));
    if (gamma_) y = y * ops::reshape(weight(context, gamma_), aligned);
    if (beta_) y = y + ops::reshape(weight(context, beta_), aligned);
    return {ops::reshape(y, x.shape())};
  }

 private:
  int axis(const Shape& shape) const {
    return normalize_axis(options.axis, shape.rank(), (where() + ": axis").c_str());
  }
  std::int64_t groups(std::int64_t features) const {
    return options.groups == -1 ? features : options.groups;
  }

  VariablePtr gamma_;
  VariablePtr beta_;
};

const RegisterConfigured<GroupNormalizationLayer> registered("GroupNormalization");

}  // namespace

LayerPtr GroupNormalization(GroupNormalizationOptions options) {
  const auto layer = std::make_shared<GroupNormalizationLayer>();
  layer->options = options;
  return finish(layer, options);
}

}  // namespace sinew::layers
