#include "nn/layers/recurrent.h"

namespace sinew::layers {
namespace {

class LSTMLayer final : public RecurrentLayer<LSTMLayer, LSTMOptions> {
 public:
  static constexpr int kStates = 2;

  std::string class_name() const override { return "LSTM"; }

  static void fields(auto& self, auto& visit) {
    RecurrentLayer::fields(self, visit);
    visit("recurrent_activation", self.options.recurrent_activation);
    visit("unit_forget_bias", self.options.unit_forget_bias);
  }

  void build(const std::vector<Shape>& input_shapes) override {
    build_weights(input_shapes[0], 4,
                  options.unit_forget_bias ? forget_bias() : options.bias_initializer);
  }

  ops::RecurrentOutputs run(Value x, Value kernel, Value recurrent_kernel, Value bias,
                            const std::vector<Value>& states, const DropMasks& masks) const {
    const Value h0 = states.empty() ? Value{} : states[0];
    const Value c0 = states.empty() ? Value{} : states[1];
    const bool usual = options.activation.is("tanh") && options.recurrent_activation.is("sigmoid");
    if (usual && masks.states.empty()) {
      return ops::lstm(x, kernel, recurrent_kernel, bias, h0, c0);
    }
    return unroll(x, kernel, recurrent_kernel, bias, h0, c0, masks);
  }

 private:
  /// The bias initializer's numbers, with ones for the second gate.
  Initializer forget_bias() const {
    return [initializer = options.bias_initializer, units = units](const Shape& shape, DType dtype,
                                                                   PhiloxStream& random) {
      Tensor bias = initializer(shape, dtype, random.next_u64(), 0);
      dispatch(dtype, [&](auto type) {
        using T = decltype(type);
        const std::span<T> gate = bias.data<T>().subspan(static_cast<std::size_t>(units),
                                                         static_cast<std::size_t>(units));
        std::fill(gate.begin(), gate.end(), T(1));
      });
      return bias;
    };
  }

  /// Any other activations, and states that are dropped: the same formulas, step by step.
  ops::RecurrentOutputs unroll(Value x, Value kernel, Value recurrent_kernel, Value bias, Value h,
                               Value c, const DropMasks& masks) const {
    Value projected = ops::matmul(x, kernel);
    if (bias) projected = projected + bias;
    std::vector<Value> sequence;
    for (std::int64_t step = 0; step < x.dim(1); ++step) {
      Value z = ops::select(projected, 1, step);
      if (h) z = z + ops::matmul(masks.state(h), recurrent_kernel);
      const auto gate = [&](std::int64_t number) {
        return ops::slice(z, 1, number * units, (number + 1) * units);
      };
      const Value in = options.recurrent_activation(gate(0));
      const Value candidate = in * options.activation(gate(2));
      c = c ? options.recurrent_activation(gate(1)) * c + candidate : candidate;
      h = options.recurrent_activation(gate(3)) * options.activation(c);
      sequence.push_back(h);
    }
    return {.sequence = ops::stack(sequence, 1), .hidden = h, .cell = c};
  }
};

const RegisterConfigured<LSTMLayer> registered("LSTM");

}  // namespace

LayerPtr LSTM(std::int64_t units, LSTMOptions options) {
  const auto layer = std::make_shared<LSTMLayer>();
  layer->units = units;
  layer->options = options;
  return finish(layer, options);
}

}  // namespace sinew::layers
