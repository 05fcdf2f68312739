#include <fmt/format.h>

#include "nn/layers/layer_support.h"
#include "sinew/ops/ops.h"

namespace sinew::layers {
namespace {

class BatchNormalizationLayer final : public ConfiguredLayer<BatchNormalizationLayer> {
 public:
  BatchNormalizationOptions options;

  std::string class_name() const override { return "BatchNormalization"; }

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
    visit.only("synchronized", false);
    visit.only("renorm", false);
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
      gamma_ =
          add_weight("gamma", per_feature, {options.gamma_initializer, options.gamma_regularizer});
    }
    if (options.center) {
      beta_ = add_weight("beta", per_feature, {options.beta_initializer, options.beta_regularizer});
    }
    moving_mean_ =
        add_weight("moving_mean", per_feature, {options.moving_mean_initializer, {}, false});
    moving_variance_ = add_weight("moving_variance", per_feature,
                                  {options.moving_variance_initializer, {}, false});
  }

  std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) override {
    const Value x = inputs[0];
    const int axis = normalize_axis(options.axis, x.rank(), "axis");
    std::vector<int> others;
    std::vector<std::int64_t> aligned(static_cast<std::size_t>(x.rank()), 1);
    for (int i = 0; i < x.rank(); ++i) {
      if (i != axis) others.push_back(i);
    }
    aligned[static_cast<std::size_t>(axis)] = x.dim(axis);
    // A vector of one number a feature, shaped so that it broadcasts against x.
    const auto along_axis = [&](Value vector) {
      return axis == x.rank() - 1 ? vector : ops::reshape(vector, Shape(aligned));
    };

    Value mean = weight(context, moving_mean_);
    Value variance = weight(context, moving_variance_);
    if (context.training && trainable()) {
      const Value batch_mean = ops::mean(x, others);
      const Value batch_variance = ops::variance(x, others);
      const double momentum = options.momentum;
      context.assign(moving_mean_,
                     mean * momentum + ops::stop_gradient(batch_mean) * (1.0 - momentum));
      context.assign(moving_variance_,
                     variance * momentum + ops::stop_gradient(batch_variance) * (1.0 - momentum));
      mean = batch_mean;
      variance = batch_variance;
    }
    Value factor = ops::rsqrt(variance + options.epsilon);
    if (gamma_) factor = factor * weight(context, gamma_);
    Value y = (x - along_axis(mean)) * along_axis(factor);
    if (beta_) y = y + along_axis(weight(context, beta_));
    return {y};
  }

 private:
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
