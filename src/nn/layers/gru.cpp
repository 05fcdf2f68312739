#include "nn/layers/recurrent.h"

namespace sinew::layers {
namespace {

class GRULayer final : public RecurrentLayer<GRULayer, GRUOptions> {
 public:
  static constexpr int kStates = 1;

  std::string class_name() const override { return "GRU"; }

  static void fields(auto& self, auto& visit) {
    RecurrentLayer::fields(self, visit);
    visit("recurrent_activation", self.options.recurrent_activation);
    visit("reset_after", self.options.reset_after);
  }

  void build(const std::vector<Shape>& input_shapes) override {
    // With reset_after the products of input and state have a bias each.
    build_weights(input_shapes[0], 3, options.bias_initializer,
                  options.reset_after ? Shape{2, 3 * units} : Shape{3 * units});
  }

  /// Keras draws a mask for each gate where states are dropped.
  int masks() const { return options.recurrent_dropout > 0 ? 3 : 1; }

  ops::RecurrentOutputs run(Value x, Value kernel, Value recurrent_kernel, Value bias,
                            const std::vector<Value>& states, const DropMasks& masks) const {
    const auto gate = [&](Value all, std::int64_t number, std::int64_t count = 1) {
      return ops::slice(all, -1, number * units, (number + count) * units);
    };
    Value projected;
    if (masks.inputs.size() == 3) {
      std::vector<Value> parts;
      for (std::int64_t i = 0; i < 3; ++i)
        parts.push_back(
            ops::matmul(x * masks.inputs[static_cast<std::size_t>(i)], gate(kernel, i)));
      projected = ops::concatenate(parts, -1);
    } else {
      projected = ops::matmul(x, kernel);
    }
    Value recurrent_bias;
    if (bias && options.reset_after) {
      recurrent_bias = ops::select(bias, 0, 1);
      bias = ops::select(bias, 0, 0);
    }
    if (bias) projected = projected + bias;
    Value h = states.empty() ? ops::zeros(x.graph(), {x.dim(0), units}, x.dtype()) : states[0];
    const Value first = gate(recurrent_kernel, 0), second = gate(recurrent_kernel, 1),
                both = gate(recurrent_kernel, 0, 2), third = gate(recurrent_kernel, 2);
    std::vector<Value> sequence;
    for (std::int64_t step = 0; step < x.dim(1); ++step) {
      const Value in = ops::select(projected, 1, step);
      const auto state = [&](std::size_t number) { return masks.state(h, number); };
      // Of update and reset gate, and with reset_after of the candidate too.
      Value from_state, candidate;
      if (!masks.states.empty()) {
        from_state =
            ops::concatenate({ops::matmul(state(0), first), ops::matmul(state(1), second)}, -1);
        if (options.reset_after) candidate = ops::matmul(state(2), third);
      } else if (options.reset_after) {
        const Value all = ops::matmul(h, recurrent_kernel);
        from_state = gate(all, 0, 2);
        candidate = gate(all, 2);
      } else {
        from_state = ops::matmul(h, both);
      }
      if (recurrent_bias) {
        from_state = from_state + gate(recurrent_bias, 0, 2);
        candidate = candidate + gate(recurrent_bias, 2);
      }
      const Value update = options.recurrent_activation(gate(in, 0) + gate(from_state, 0));
      const Value reset = options.recurrent_activation(gate(in, 1) + gate(from_state, 1));
      candidate = options.reset_after ? reset * candidate : ops::matmul(reset * state(2), third);
      h = update * h + (1.0 - update) * options.activation(gate(in, 2) + candidate);
      sequence.push_back(h);
    }
    return {.sequence = ops::stack(sequence, 1), .hidden = h, .cell = {}};
  }
};

const RegisterConfigured<GRULayer> registered("GRU");

}  // namespace

LayerPtr GRU(std::int64_t units, GRUOptions options) {
  const auto layer = std::make_shared<GRULayer>();
  layer->units = units;
  layer->options = options;
  return finish(layer, options);
}

}  // namespace sinew::layers
