#pragma once

#include <fmt/format.h>

#include <optional>

#include "nn/layers/noise.h"
#include "nn/layers/recurrent_layer.h"
#include "sinew/ops/ops.h"

namespace sinew::layers {

/// What dropout multiplies inputs (N, features) and states (N, units) by, the same at each step;
/// empty where it does not. One for all gates, or one for each.
struct DropMasks {
  std::vector<Value> inputs = {};
  std::vector<Value> states = {};

  /// The state h as gate `number` sees it.
  Value state(Value h, std::size_t number = 0) const {
    return states.empty() ? h : h * states[states.size() > 1 ? number : 0];
  }
};

/// The weights of a cell and its masks while it goes along one sequence.
struct GateWeights {
  Value kernel;
  Value recurrent_kernel;
  Value bias;
  DropMasks masks = {};
};

/// What the cells of SimpleRNN, LSTM and GRU share: arguments, weights of `kGates` gates, dropout,
/// and the products of inputs, which a sequence takes for all of its steps at once. `Options` are
/// the cell's own, or those of the layer whose only cell it is.
template <typename Derived, typename Options, bool kOwnLayer>
class GatedCell : public ConfiguredLayer<Derived, RNNCell> {
 public:
  std::int64_t units = 0;
  Options options;

  std::string class_name() const final { return Derived::class_name_of(!kOwnLayer); }

  static void fields(auto& self, auto& visit) {
    visit.required("units", self.units);
    visit("activation", self.options.activation);
    if constexpr (requires { self.options.recurrent_activation; })
      visit("recurrent_activation", self.options.recurrent_activation);
    visit("use_bias", self.options.use_bias);
    visit("kernel_initializer", self.options.kernel_initializer);
    visit("recurrent_initializer", self.options.recurrent_initializer);
    visit("bias_initializer", self.options.bias_initializer);
    if constexpr (requires { self.options.unit_forget_bias; })
      visit("unit_forget_bias", self.options.unit_forget_bias);
    visit("kernel_regularizer", self.options.kernel_regularizer);
    visit("recurrent_regularizer", self.options.recurrent_regularizer);
    visit("bias_regularizer", self.options.bias_regularizer);
    visit("kernel_constraint", self.options.kernel_constraint);
    visit("recurrent_constraint", self.options.recurrent_constraint);
    visit("bias_constraint", self.options.bias_constraint);
    visit("dropout", self.options.dropout);
    visit("recurrent_dropout", self.options.recurrent_dropout);
    visit("seed", self.options.seed);
    if constexpr (requires { self.options.reset_after; })
      visit("reset_after", self.options.reset_after);
  }

  void check_arguments() override {
    expect_at_least(*this, "units", units, 1);
    expect_rate(*this, options.dropout, "dropout");
    expect_rate(*this, options.recurrent_dropout, "recurrent_dropout");
  }

  std::vector<Shape> state_shapes() const override {
    return std::vector<Shape>(static_cast<std::size_t>(Derived::kStates), Shape{units});
  }

  /// Of one step; without states only the input is checked.
  void check_inputs(const std::vector<TensorType>& inputs) const override {
    for (const TensorType& input : inputs) this->expect_dtype(input);
    this->expect_rank(inputs[0], 2, "(batch, features)");
    if (kernel_) this->expect_extent(inputs[0], 1, kernel_->shape()[0], "features");
    if (inputs.size() == 1) return;
    this->expect_inputs(1 + static_cast<std::size_t>(Derived::kStates), inputs);
    for (std::size_t i = 1; i < inputs.size(); ++i) {
      if (inputs[i].shape.rank() != 2 || inputs[i].shape[1] != units) {
        throw ShapeError(fmt::format("{}: state {} has shape {}; it must be {}", this->where(), i,
                                     inputs[i].shape.str(), Shape{Shape::kUnknown, units}.str()));
      }
    }
  }

  void build(const std::vector<Shape>& input_shapes) override {
    const std::int64_t features = this->known_extent(input_shapes[0], -1, "features");
    kernel_ = this->add_weight(
        "kernel", {features, Derived::kGates * units},
        {options.kernel_initializer, options.kernel_regularizer, options.kernel_constraint});
    recurrent_kernel_ =
        this->add_weight("recurrent_kernel", {units, Derived::kGates * units},
                         {options.recurrent_initializer, options.recurrent_regularizer,
                          options.recurrent_constraint});
    if (options.use_bias) {
      bias_ = this->add_weight(
          "bias", derived().bias_shape(),
          {derived().bias_initializer(), options.bias_regularizer, options.bias_constraint});
    }
  }

  std::vector<CallArgument> call_arguments(const std::vector<TensorType>& inputs) const override {
    std::vector<CallArgument> arguments(inputs.size(), {"states", true});
    arguments[0] = {};
    return arguments;
  }

  std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) override {
    this->expect_inputs(1 + static_cast<std::size_t>(Derived::kStates),
                        std::vector<TensorType>(inputs.size()));
    const GateWeights weights = bind(context, inputs[0]);
    return derived().advance(derived().project(inputs[0], weights),
                             {inputs.begin() + 1, inputs.end()}, weights);
  }

  RNNCell::Sequence run(CallContext& context, Value x, std::vector<Value> states,
                        const RNNCell::Steps& steps) override {
    GateWeights weights = bind(context, ops::select(x, 1, 0));
    for (Value& mask : weights.masks.inputs) mask = ops::expand_dims(mask, 1);
    if (weights.masks.states.empty()) {
      const Value seen = weights.masks.inputs.size() == 1 ? x * weights.masks.inputs[0] : x;
      if (auto sequence = run_at_once(seen, weights, states, steps)) return *sequence;
    }
    return this->unroll(derived().project(x, weights), std::move(states), steps,
                        [&](Value projected, const std::vector<Value>& before) {
                          return derived().advance(projected, before, weights);
                        });
  }

  /// What follows may be hidden by the derived class.
  Initializer bias_initializer() const { return options.bias_initializer; }
  Shape bias_shape() const { return {Derived::kGates * units}; }
  /// How many masks dropout draws: one for all gates.
  int masks() const { return 1; }
  /// x W + b of one step (N, features) or of all (N, T, features).
  Value project(Value x, const GateWeights& weights) const {
    if (!weights.masks.inputs.empty()) x = x * weights.masks.inputs[0];
    const Value products = ops::matmul(x, weights.kernel);
    return weights.bias ? products + weights.bias : products;
  }

 private:
  /// Nothing where no kernel computes the cell along a sequence. Steps that a mask hides are not
  /// computed.
  std::optional<RNNCell::Sequence> run_at_once(Value x, const GateWeights& weights,
                                               std::vector<Value> states,
                                               const RNNCell::Steps& steps) {
    if (!steps.mask) return derived().run_at_once(x, weights, states, {});
    const ops::PackedSequences packed(steps.mask);
    for (Value& state : states) state = packed.pack_rows(state);
    auto run = derived().run_at_once(packed.pack(x), weights, states, packed.lengths);
    if (!run) return run;
    run->outputs = packed.unpack(run->outputs, steps.zero_output);
    for (Value& state : run->states) state = packed.unpack_rows(state);
    run->last = packed.last(run->states[0], steps.zero_output);
    return run;
  }

  Derived& derived() { return static_cast<Derived&>(*this); }

  /// `x` is one step's input.
  GateWeights bind(CallContext& context, Value x) {
    return {.kernel = this->weight(context, kernel_),
            .recurrent_kernel = this->weight(context, recurrent_kernel_),
            .bias = bias_ ? this->weight(context, bias_) : Value{},
            .masks = {
                .inputs = draw(context, options.dropout, x.shape(), x.dtype()),
                .states = draw(context, options.recurrent_dropout, {x.dim(0), units}, x.dtype())}};
  }

  std::vector<Value> draw(CallContext& context, double rate, const Shape& shape, DType dtype) {
    std::vector<Value> result;
    if (!context.training || rate == 0.0) return result;
    for (int i = 0; i < derived().masks(); ++i) {
      result.push_back(
          drop(context, options.seed, rate, ops::ones(context.graph, shape, dtype), shape));
    }
    return result;
  }

  VariablePtr kernel_;
  VariablePtr recurrent_kernel_;
  VariablePtr bias_;
};

/// SimpleRNN, LSTM or GRU: its cell, `Cell`, has all of its arguments but those that say how to go
/// and what to return.
template <typename Derived, typename Cell, typename Options>
class GatedLayer : public ConfiguredLayer<Derived, RecurrentLayer> {
 public:
  std::int64_t units = 0;
  Options options;

  static void fields(auto& self, auto& visit) {
    Cell::fields(self, visit);
    visit("activity_regularizer", self.options.activity_regularizer);
    RecurrentLayer::return_fields(self, visit);
  }

  void check_arguments() override {
    const auto cell = std::make_shared<Cell>();
    cell->units = units;
    cell->options = options;
    this->set_own_cell(cell);
    cell->check_arguments();
  }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    if (!inputs.empty()) this->expect_rank(inputs[0], 3, "(batch, steps, features)");
    RecurrentLayer::check_inputs(inputs);
  }

  RecurrentLayer::Returns returns() const override { return RecurrentLayer::returns_of(options); }
  Regularizer activity() const override { return options.activity_regularizer; }
};

/// Makes a gated cell or layer.
template <typename Made, typename Options>
LayerPtr make_gated(std::int64_t units, const Options& options) {
  const auto layer = std::make_shared<Made>();
  layer->units = units;
  layer->options = options;
  return finish(layer, options);
}

}  // namespace sinew::layers
