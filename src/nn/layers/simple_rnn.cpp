#include "nn/layers/recurrent.h"

namespace sinew::layers {
namespace {

class SimpleRNNLayer final : public RecurrentLayer<SimpleRNNLayer, SimpleRNNOptions> {
 public:
  static constexpr int kStates = 1;

  std::string class_name() const override { return "SimpleRNN"; }

  void build(const std::vector<Shape>& input_shapes) override {
    build_weights(input_shapes[0], 1, options.bias_initializer);
  }

  ops::RecurrentOutputs run(Value x, Value kernel, Value recurrent_kernel, Value bias,
                            const std::vector<Value>& states, const DropMasks& masks) const {
    const Value h0 = states.empty() ? Value{} : states[0];
    for (const char* name : {"tanh", "relu", "sigmoid", "linear"}) {
      if (options.activation.is(name) && masks.states.empty())
        return ops::simple_rnn(x, kernel, recurrent_kernel, bias, h0, name);
    }
    return unroll(x, kernel, recurrent_kernel, bias, h0, masks);
  }

 private:
  /// Any other activation, and states that are dropped: the same formula, step by step.
  ops::RecurrentOutputs unroll(Value x, Value kernel, Value recurrent_kernel, Value bias, Value h,
                               const DropMasks& masks) const {
    Value projected = ops::matmul(x, kernel);
    if (bias) projected = projected + bias;
    std::vector<Value> sequence;
    for (std::int64_t step = 0; step < x.dim(1); ++step) {
      Value z = ops::select(projected, 1, step);
      if (h) z = z + ops::matmul(masks.state(h), recurrent_kernel);
      h = options.activation(z);
      sequence.push_back(h);
    }
    return {.sequence = ops::stack(sequence, 1), .hidden = h, .cell = {}};
  }
};

const RegisterConfigured<SimpleRNNLayer> registered("SimpleRNN");

}  // namespace

LayerPtr SimpleRNN(std::int64_t units, SimpleRNNOptions options) {
  const auto layer = std::make_shared<SimpleRNNLayer>();
  layer->units = units;
  layer->options = options;
  return finish(layer, options);
}

}  // namespace sinew::layers
