#include <fmt/format.h>

#include <numeric>

#include "nn/layers/layer_support.h"
#include "sinew/ops/ops.h"

namespace sinew::layers {
namespace {

class BatchNormalizationLayer final : public ConfiguredLayer<BatchNormalizationLayer> {
 public:
  bool supports_masking() const override { return true; }
  BatchNormalizationOptions options;

  std::string class_name() const override { return "BatchNormalization"; }
  bool computes_in_weights_dtype() const override { return true; }

  static void fields(auto& self, auto& visit) {
    visit("axis", self.options.axis);
    visit("momentum", self.options.momentum);
    visit("epsilon", self.options.epsilon);
    visit("center", self.options.center);
    visit("scale", self.options.scale);
    visit("beta_initializer", self.options.beta_initializer);
    visit("gamma_initializer", self.options.gamma_initializer);
    visit("moving_mean_initializer", self.options.moving_mean_initializer);
    visit("moving_variance_initializer", self.options.moving_variance_initializer);
    visit("beta_regularizer", self.options.beta_regularizer);
    visit("gamma_regularizer", self.options.gamma_regularizer);
    visit("beta_constraint", self.options.beta_constraint);
    visit("gamma_constraint", self.options.gamma_constraint);
    visit.only("synchronized", false);
    visit.only("renorm", false);
    visit.only_newer("renorm_momentum", 0.99);
  }

  void check_arguments() override {
    if (!(options.epsilon > 0.0)) {
      throw ValueError(
          fmt::format("{}: epsilon is {}; it must be positive", where(), options.epsilon));
    }
    if (!(options.momentum >= 0.0 && options.momentum <= 1.0)) {
      throw ValueError(
          fmt::format("{}: momentum is {}; it must be between 0 and 1", where(), options.momentum));
    }
    if (options.axis == 0)
      throw ValueError(where() + ": axis 0 is the batch; normalise another axis, such as -1");
  }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    expect_inputs(1, inputs);
    expect_dtype(inputs[0]);
    if (inputs[0].shape.rank() < 2) expect_rank(inputs[0], 2, "(batch, features), or more");
    const int axis =
        normalize_axis(options.axis, inputs[0].shape.rank(), (where() + ": axis").c_str());
    if (moving_mean_) expect_extent(inputs[0], axis, moving_mean_->shape()[0], "features");
  }

  void build(const std::vector<Shape>& input_shapes) override {
    const Shape per_feature = {known_extent(input_shapes[0], options.axis, "features")};
    if (options.scale) {
      gamma_ = add_weight(
          "gamma", per_feature,
          {options.gamma_initializer, options.gamma_regularizer, options.gamma_constraint});
    }
    if (options.center) {
      beta_ =
          add_weight("beta", per_feature,
                     {options.beta_initializer, options.beta_regularizer, options.beta_constraint});
    }
    moving_mean_ = add_weight("moving_mean", per_feature,
                              {.initializer = options.moving_mean_initializer, .trainable = false});
    moving_variance_ =
        add_weight("moving_variance", per_feature,
                   {.initializer = options.moving_variance_initializer, .trainable = false});
  }

  std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) override {
    const Value x = inputs[0];
    const int axis = normalize_axis(options.axis, x.rank(), "axis");
    const Value mask = context.mask(x);
    if (mask && mask.rank() != x.rank() - 1) {
      throw ShapeError(
          fmt::format("{}: the mask of its input {} has shape {}; it must have one "
                      "axis less",
                      where(), x.shape().str(), mask.shape().str()));
    }
    if (axis == x.rank() - 1) return {features_last(context, x, mask)};
    std::vector<int> swap(static_cast<std::size_t>(x.rank()));
    std::iota(swap.begin(), swap.end(), 0);
    std::swap(swap[static_cast<std::size_t>(axis)], swap.back());
    return {ops::transpose(features_last(context, ops::transpose(x, swap), mask), swap)};
  }

 private:
  struct Normal {
    Value y, mean, variance;
  };

  /// x with the mean and variance of the samples that count.
  Normal normalised(CallContext& context, Value x, Value mask) {
    const Shape features{x.dim(-1)};
    const Value gamma =
        gamma_ ? weight(context, gamma_) : ops::ones(context.graph, features, x.dtype());
    const Value beta =
        beta_ ? weight(context, beta_) : ops::zeros(context.graph, features, x.dtype());
    if (!mask) {
      const auto normal = ops::batch_norm(x, gamma, beta, options.epsilon);
      return {normal.y, normal.mean, normal.variance};
    }
    std::vector<int> samples(static_cast<std::size_t>(x.rank() - 1));
    std::iota(samples.begin(), samples.end(), 0);
    const Value counts = ops::cast(ops::expand_dims(mask, -1), x.dtype());
    // Keras's backend.epsilon().
    const Value count = ops::sum(counts, samples) + 1e-7;
    const Value mean = ops::sum(x * counts, samples) / count;
    const Value variance = ops::sum(ops::square(x - mean) * counts, samples) / count;
    const Value factor = gamma * ops::rsqrt(variance + options.epsilon);
    return {(x - mean) * factor + beta, mean, variance};
  }

  Value features_last(CallContext& context, Value x, Value mask) {
    const Value mean = weight(context, moving_mean_);
    const Value variance = weight(context, moving_variance_);
    if (context.training && trainable()) {
      const Normal normal = normalised(context, x, mask);
      const double momentum = options.momentum;
      context.assign(moving_mean_,
                     mean * momentum + ops::stop_gradient(normal.mean) * (1.0 - momentum));
      context.assign(moving_variance_,
                     variance * momentum + ops::stop_gradient(normal.variance) * (1.0 - momentum));
      return normal.y;
    }
    Value factor = ops::rsqrt(variance + options.epsilon);
    if (gamma_) factor = factor * weight(context, gamma_);
    Value y = (x - mean) * factor;
    if (beta_) y = y + weight(context, beta_);
    return y;
  }

  VariablePtr gamma_;
  VariablePtr beta_;
  VariablePtr moving_mean_;
  VariablePtr moving_variance_;
};

const RegisterConfigured<BatchNormalizationLayer> registered("BatchNormalization");

}  // namespace

LayerPtr BatchNormalization(BatchNormalizationOptions options) {
  const auto layer = std::make_shared<BatchNormalizationLayer>();
  layer->options = options;
  return finish(layer, options);
}

}  // namespace sinew::layers
