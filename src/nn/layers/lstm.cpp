#include "nn/layers/gated_cell.h"
#include "nn/layers/lstm_gates.h"

namespace sinew::layers {

namespace {

template <typename Options, bool kOwnLayer>
class LSTMCellLayer final
    : public GatedCell<LSTMCellLayer<Options, kOwnLayer>, Options, kOwnLayer> {
 public:
  static constexpr std::int64_t kGates = 4;
  static constexpr int kStates = 2;
  static const char* class_name_of(bool cell) { return cell ? "LSTMCell" : "LSTM"; }

  Initializer bias_initializer() const {
    return this->options.unit_forget_bias
               ? with_forget_bias(this->options.bias_initializer, this->units)
               : this->options.bias_initializer;
  }

  std::optional<RNNCell::Sequence> run_at_once(Value x, const GateWeights& weights,
                                               const std::vector<Value>& states,
                                               Value lengths) const {
    if (!this->options.activation.is("tanh") || !this->options.recurrent_activation.is("sigmoid"))
      return std::nullopt;
    const ops::RecurrentOutputs run = ops::lstm(x, weights.kernel, weights.recurrent_kernel,
                                                weights.bias, states.empty() ? Value{} : states[0],
                                                states.empty() ? Value{} : states[1], lengths);
    return RNNCell::Sequence{run.sequence, run.hidden, {run.hidden, run.cell}};
  }

  std::vector<Value> advance(Value projected, const std::vector<Value>& states,
                             const GateWeights& weights) const {
    const Value z =
        projected + ops::matmul(weights.masks.state(states[0]), weights.recurrent_kernel);
    return lstm_step(z, states[1], this->options.activation, this->options.recurrent_activation);
  }
};

using Cell = LSTMCellLayer<LSTMCellOptions, false>;
using OwnCell = LSTMCellLayer<LSTMOptions, true>;

class LSTMLayer final : public GatedLayer<LSTMLayer, OwnCell, LSTMOptions> {
 public:
  std::string class_name() const override { return "LSTM"; }
};

const RegisterConfigured<LSTMLayer> registered("LSTM");
const RegisterConfigured<Cell> registered_cell("LSTMCell");

}  // namespace

LayerPtr LSTM(std::int64_t units, LSTMOptions options) {
  return make_gated<LSTMLayer>(units, options);
}

LayerPtr LSTMCell(std::int64_t units, LSTMCellOptions options) {
  return make_gated<Cell>(units, options);
}

}  // namespace sinew::layers
