#include <algorithm>

#include "nn/layers/forget_bias.h"
#include "nn/layers/gated_cell.h"

namespace sinew::layers {

Initializer with_forget_bias(const Initializer& initializer, std::int64_t units) {
  return [initializer, units](const Shape& shape, DType dtype, PhiloxStream& random) {
    Tensor bias = initializer(shape, dtype, random.next_u64(), 0);
    dispatch(dtype, [&](auto type) {
      using T = decltype(type);
      const std::span<T> gate =
          bias.data<T>().subspan(static_cast<std::size_t>(units), static_cast<std::size_t>(units));
      std::fill(gate.begin(), gate.end(), T(1));
    });
    return bias;
  };
}

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
                                               const std::vector<Value>& states) const {
    if (!this->options.activation.is("tanh") || !this->options.recurrent_activation.is("sigmoid"))
      return std::nullopt;
    const ops::RecurrentOutputs run =
        ops::lstm(x, weights.kernel, weights.recurrent_kernel, weights.bias,
                  states.empty() ? Value{} : states[0], states.empty() ? Value{} : states[1]);
    return RNNCell::Sequence{run.sequence, run.hidden, {run.hidden, run.cell}};
  }

  std::vector<Value> advance(Value projected, const std::vector<Value>& states,
                             const GateWeights& weights) const {
    const Value z =
        projected + ops::matmul(weights.masks.state(states[0]), weights.recurrent_kernel);
    const auto gate = [&](std::int64_t number) {
      return ops::slice(z, 1, number * this->units, (number + 1) * this->units);
    };
    const auto& [activation, recurrent_activation] =
        std::tie(this->options.activation, this->options.recurrent_activation);
    const Value in = recurrent_activation(gate(0)), forget = recurrent_activation(gate(1));
    const Value c = forget * states[1] + in * activation(gate(2));
    const Value h = recurrent_activation(gate(3)) * activation(c);
    return {h, h, c};
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
