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
    const Shape features =
        Shape(std::vector<std::int64_t>(static_cast<std::size_t>(x.rank()), 1)).with(at, x.dim(at));
    const Value centred = x - group_mean(x, at);
    const Value variance = group_mean(ops::square(centred), at);
    Value y = centred * ops::rsqrt(variance + options.epsilon);
    if (gamma_) y = y * ops::reshape(weight(context, gamma_), features);
    if (beta_) y = y + ops::reshape(weight(context, beta_), features);
    return {y};
  }

 private:
  int axis(const Shape& shape) const {
    return normalize_axis(options.axis, shape.rank(), (where() + ": axis").c_str());
  }
  std::int64_t groups(std::int64_t features) const {
    return options.groups == -1 ? features : options.groups;
  }

  /// The mean over each sample's group, at every feature of it: (N, …, features, …) with 1
  /// elsewhere. First each feature's mean, which leaves features together in memory, then that of
  /// few numbers.
  Value group_mean(Value x, int at) const {
    for (int i = x.rank() - 1; i > 0; --i) {
      // Axes on either side of the features are runs of their own.
      int first = i;
      while (i != at && first > 1 && first - 1 != at) --first;
      if (i == at) continue;
      std::vector<int> run;
      for (int k = first; k <= i; ++k) run.push_back(k);
      x = ops::mean(x, run, true);
      i = first;
    }
    const std::int64_t features = x.dim(at), count = groups(features);
    const Shape apart{x.dim(0), count, features / count};
    const Value means = ops::mean(ops::reshape(x, apart), {2}, true);
    return ops::reshape(ops::broadcast_to(means, apart), x.shape());
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
