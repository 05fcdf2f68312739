#include "nn/layers/gated_cell.h"

namespace sinew::layers {
namespace {

template <typename Options, bool kOwnLayer>
class SimpleRNNCellLayer final
    : public GatedCell<SimpleRNNCellLayer<Options, kOwnLayer>, Options, kOwnLayer> {
 public:
  static constexpr std::int64_t kGates = 1;
  static constexpr int kStates = 1;
  static const char* class_name_of(bool cell) { return cell ? "SimpleRNNCell" : "SimpleRNN"; }

  std::optional<RNNCell::Sequence> run_at_once(Value x, const GateWeights& weights,
                                               const std::vector<Value>& states,
                                               Value lengths) const {
    for (const char* name : {"tanh", "relu", "sigmoid", "linear"}) {
      if (!this->options.activation.is(name)) continue;
      const ops::RecurrentOutputs run =
          ops::simple_rnn(x, weights.kernel, weights.recurrent_kernel, weights.bias,
                          states.empty() ? Value{} : states[0], name, lengths);
      return RNNCell::Sequence{run.sequence, run.hidden, {run.hidden}};
    }
    return std::nullopt;
  }

  std::vector<Value> advance(Value projected, const std::vector<Value>& states,
                             const GateWeights& weights) const {
    const Value from_state = ops::matmul(weights.masks.state(states[0]), weights.recurrent_kernel);
    const Value h = this->options.activation(projected + from_state);
    return {h, h};
  }
};

using Cell = SimpleRNNCellLayer<SimpleRNNCellOptions, false>;
using OwnCell = SimpleRNNCellLayer<SimpleRNNOptions, true>;

class SimpleRNNLayer final : public GatedLayer<SimpleRNNLayer, OwnCell, SimpleRNNOptions> {
 public:
  std::string class_name() const override { return "SimpleRNN"; }
};

const RegisterConfigured<SimpleRNNLayer> registered("SimpleRNN");
const RegisterConfigured<Cell> registered_cell("SimpleRNNCell");

}  // namespace

LayerPtr SimpleRNN(std::int64_t units, SimpleRNNOptions options) {
  return make_gated<SimpleRNNLayer>(units, options);
}

LayerPtr SimpleRNNCell(std::int64_t units, SimpleRNNCellOptions options) {
  return make_gated<Cell>(units, options);
}

}  // namespace sinew::layers
