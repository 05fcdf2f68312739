#include <fmt/format.h>

#include <algorithm>

#include "nn/layers/layer_support.h"
#include "sinew/ops/ops.h"

namespace sinew::layers {
namespace {

class LayerNormalizationLayer final : public ConfiguredLayer<LayerNormalizationLayer> {
 public:
  bool supports_masking() const override { return true; }
  LayerNormalizationOptions options;

  std::string class_name() const override { return "LayerNormalization"; }
  bool computes_in_weights_dtype() const override { return true; }

  static void fields(auto& self, auto& visit) {
    visit("axis", self.options.axis);
    visit("epsilon", self.options.epsilon);
    visit("center", self.options.center);
    visit("scale", self.options.scale);
    visit("rms_scaling", self.options.rms_scaling);
    beta_and_gamma_fields(self, visit);
  }

  void check_arguments() override {
    if (!(options.epsilon > 0.0)) {
      throw ValueError(
          fmt::format("{}: epsilon is {}; it must be positive", where(), options.epsilon));
    }
    if (options.axis.empty()) throw ValueError(where() + ": axis is empty; give one, such as -1");
  }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    expect_inputs(1, inputs);
    expect_dtype(inputs[0]);
    if (inputs[0].shape.rank() < 2) expect_rank(inputs[0], 2, "(batch, features), or more");
    const std::vector<int> axes = axes_of(inputs[0].shape.rank());
    const VariablePtr& weight = gamma_ ? gamma_ : beta_;
    for (std::size_t i = 0; weight && i < axes.size(); ++i)
      expect_extent(inputs[0], axes[i], weight->shape().dims()[i], "features");
  }

  void build(const std::vector<Shape>& input_shapes) override {
    std::vector<std::int64_t> extents;
    for (int axis : axes_of(input_shapes[0].rank()))
      extents.push_back(known_extent(input_shapes[0], axis, "features"));
    const Shape shape(extents);
    if (options.scale || options.rms_scaling)
      gamma_ = add_weight(
          "gamma", shape,
          {options.gamma_initializer, options.gamma_regularizer, options.gamma_constraint});
    if (options.center && !options.rms_scaling)
      beta_ =
          add_weight("beta", shape,
                     {options.beta_initializer, options.beta_regularizer, options.beta_constraint});
  }

  std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) override {
    const Value x = inputs[0];
    const std::vector<int> axes = axes_of(x.rank());
    const Value gamma = gamma_ ? weight(context, gamma_) : Value();
    const Value beta = beta_ ? weight(context, beta_) : Value();
    const bool innermost = axes.front() == x.rank() - static_cast<int>(axes.size());
    if (!innermost || options.rms_scaling) return {composed(x, axes, gamma, beta)};
    std::int64_t columns = 1;
    for (int axis : axes) columns *= x.dim(axis);
    const auto flat = [&](Value vector) {
      return vector ? ops::reshape(vector, {columns}) : Value();
    };
    const Value rows = ops::reshape(x, {columns == 0 ? 0 : x.shape().numel() / columns, columns});
    return {
        ops::reshape(ops::layer_norm(rows, flat(gamma), flat(beta), options.epsilon), x.shape())};
  }

 private:
  /// Counted from the front, in order.
  std::vector<int> axes_of(int rank) const {
    std::vector<int> axes;
    for (std::int64_t axis : options.axis)
      axes.push_back(normalize_axis(static_cast<int>(axis), rank, (where() + ": axis").c_str()));
    std::sort(axes.begin(), axes.end());
    axes.erase(std::unique(axes.begin(), axes.end()), axes.end());
    if (axes.front() == 0)
      throw ShapeError(where() + ": axis 0 is the batch; normalise other axes, such as -1");
    return axes;
  }

  Value composed(Value x, const std::vector<int>& axes, Value gamma, Value beta) const {
    std::vector<std::int64_t> aligned(static_cast<std::size_t>(x.rank()), 1);
    for (int axis : axes) aligned[static_cast<std::size_t>(axis)] = x.dim(axis);
    const Value mean = ops::mean(x, axes, true);
    const Value variance = ops::mean(ops::square(x - mean), axes, true);
    Value y = (options.rms_scaling ? x : x - mean) * ops::rsqrt(variance + options.epsilon);
    if (gamma) y = y * ops::reshape(gamma, Shape(aligned));
    if (beta) y = y + ops::reshape(beta, Shape(aligned));
    return y;
  }

  VariablePtr gamma_;
  VariablePtr beta_;
};

const RegisterConfigured<LayerNormalizationLayer> registered("LayerNormalization");

}  // namespace

LayerPtr LayerNormalization(LayerNormalizationOptions options) {
  const auto layer = std::make_shared<LayerNormalizationLayer>();
  layer->options = options;
  return finish(layer, options);
}

}  // namespace sinew::layers
