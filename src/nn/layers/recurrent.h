#pragma once

#include <fmt/format.h>

#include "nn/layers/noise.h"
#include "sinew/ops/ops.h"

namespace sinew::layers {

/// What dropout multiplies inputs (N, 1, features) and states (N, units) by, the same at each step;
/// empty where it does not. One for all gates, or one for each.
struct DropMasks {
  std::vector<Value> inputs = {};
  std::vector<Value> states = {};

  /// The state h as gate `number` sees it.
  Value state(Value h, std::size_t number = 0) const {
    return states.empty() ? h : h * states[states.size() > 1 ? number : 0];
  }
};

/// What SimpleRNN, LSTM and GRU share: weights of `gates` gates, arguments, shapes, initial states,
/// and what they return.
template <typename Derived, typename Options>
class RecurrentLayer : public ConfiguredLayer<Derived> {
 public:
  std::int64_t units = 0;
  Options options;

  static void fields(auto& self, auto& visit) {
    visit.required("units", self.units);
    visit("activation", self.options.activation);
    visit("use_bias", self.options.use_bias);
    visit("kernel_initializer", self.options.kernel_initializer);
    visit("recurrent_initializer", self.options.recurrent_initializer);
    visit("bias_initializer", self.options.bias_initializer);
    visit("kernel_regularizer", self.options.kernel_regularizer);
    visit("recurrent_regularizer", self.options.recurrent_regularizer);
    visit("bias_regularizer", self.options.bias_regularizer);
    visit("activity_regularizer", self.options.activity_regularizer);
    visit("kernel_constraint", self.options.kernel_constraint);
    visit("recurrent_constraint", self.options.recurrent_constraint);
    visit("bias_constraint", self.options.bias_constraint);
    visit("return_sequences", self.options.return_sequences);
    visit("return_state", self.options.return_state);
    visit("go_backwards", self.options.go_backwards);
    visit.only("stateful", false);
    // Either way the steps are one program.
    visit("unroll", self.options.unroll);
    visit.only("zero_output_for_mask", false);
    visit("dropout", self.options.dropout);
    visit("recurrent_dropout", self.options.recurrent_dropout);
    visit("seed", self.options.seed);
  }

  void check_arguments() override {
    expect_at_least(*this, "units", units, 1);
    for (const auto& [name, rate] : {std::pair{"dropout", options.dropout},
                                     {"recurrent_dropout", options.recurrent_dropout}}) {
      if (!(rate >= 0.0 && rate <= 1.0)) {
        throw ValueError(
            fmt::format("{}: {} is {}; it must be between 0 and 1", this->where(), name, rate));
      }
    }
  }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    const std::size_t with_states = 1 + Derived::kStates;
    if (inputs.size() != 1 && inputs.size() != with_states) {
      throw ShapeError(fmt::format(
          "{}: takes a sequence, or a sequence and {} initial state{}, but {} inputs were given",
          this->where(), int{Derived::kStates}, Derived::kStates == 1 ? "" : "s", inputs.size()));
    }
    for (const TensorType& input : inputs) this->expect_dtype(input);
    this->expect_rank(inputs[0], 3, "(batch, steps, features)");
    if (kernel_) this->expect_extent(inputs[0], 2, kernel_->shape()[0], "features");
    for (std::size_t i = 1; i < inputs.size(); ++i) {
      this->expect_rank(inputs[i], 2, "(batch, units) of an initial state");
      if (inputs[i].shape[1] != units) {
        throw ShapeError(fmt::format("{}: initial state has shape {}, but the layer has {} units",
                                     this->where(), inputs[i].shape.str(), units));
      }
    }
  }

  std::vector<CallArgument> call_arguments(const std::vector<TensorType>& inputs) const override {
    std::vector<CallArgument> arguments(inputs.size(), {"initial_state", true});
    arguments[0] = {};
    return arguments;
  }

  std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) override {
    Value x = options.go_backwards ? ops::reverse(inputs[0], {1}) : inputs[0];
    const std::vector<Value> states(inputs.begin() + 1, inputs.end());
    DropMasks masks{
        .inputs = draw(context, options.dropout, {x.dim(0), 1, x.dim(2)}, x.dtype()),
        .states = draw(context, options.recurrent_dropout, {x.dim(0), units}, x.dtype())};
    if (masks.inputs.size() == 1) x = x * masks.inputs[0];
    const ops::RecurrentOutputs run = static_cast<Derived*>(this)->run(
        x, this->weight(context, kernel_), this->weight(context, recurrent_kernel_),
        bias_ ? this->weight(context, bias_) : Value{}, states, masks);
    std::vector<Value> outputs = {options.return_sequences ? run.sequence : run.hidden};
    if (options.return_state) {
      outputs.push_back(run.hidden);
      if (run.cell) outputs.push_back(run.cell);
    }
    for (const Value& output : outputs)
      add_activity_loss(context, options.activity_regularizer, output);
    return outputs;
  }

 protected:
  /// How many masks dropout draws: one for all gates.
  int masks() const { return 1; }

  void build_weights(const Shape& input, std::int64_t gates, const Initializer& bias_initializer) {
    build_weights(input, gates, bias_initializer, {gates * units});
  }
  void build_weights(const Shape& input, std::int64_t gates, const Initializer& bias_initializer,
                     const Shape& bias_shape) {
    const std::int64_t features = this->known_extent(input, 2, "features");
    kernel_ = this->add_weight(
        "kernel", {features, gates * units},
        {options.kernel_initializer, options.kernel_regularizer, true, options.kernel_constraint});
    recurrent_kernel_ =
        this->add_weight("recurrent_kernel", {units, gates * units},
                         {options.recurrent_initializer, options.recurrent_regularizer, true,
                          options.recurrent_constraint});
    if (options.use_bias) {
      bias_ = this->add_weight(
          "bias", bias_shape,
          {bias_initializer, options.bias_regularizer, true, options.bias_constraint});
    }
  }

 private:
  std::vector<Value> draw(CallContext& context, double rate, const Shape& shape,
                          DType dtype) const {
    std::vector<Value> result;
    if (!context.training || rate == 0.0) return result;
    for (int i = 0; i < static_cast<const Derived*>(this)->masks(); ++i) {
      result.push_back(
          drop(context, options.seed, rate, ops::ones(context.graph, shape, dtype), shape));
    }
    return result;
  }

  VariablePtr kernel_;
  VariablePtr recurrent_kernel_;
  VariablePtr bias_;
};

}  // namespace sinew::layers
