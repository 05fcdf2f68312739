#include "nn/layers/gated_cell.h"

namespace sinew::layers {
namespace {

template <typename Options, bool kOwnLayer>
class GRUCellLayer final : public GatedCell<GRUCellLayer<Options, kOwnLayer>, Options, kOwnLayer> {
 public:
  static constexpr std::int64_t kGates = 3;
  static constexpr int kStates = 1;
  static const char* class_name_of(bool cell) { return cell ? "GRUCell" : "GRU"; }

  /// With reset_after the products of input and state have a bias each.
  Shape bias_shape() const {
    const std::int64_t all = kGates * this->units;
    return this->options.reset_after ? Shape{2, all} : Shape{all};
  }
  /// Keras draws a mask for each gate where states are dropped.
  int masks() const { return this->options.recurrent_dropout > 0 ? 3 : 1; }

  Value project(Value x, const GateWeights& weights) const {
    const std::vector<Value>& masks = weights.masks.inputs;
    Value projected;
    if (masks.size() == 3) {
      std::vector<Value> parts;
      for (std::int64_t i = 0; i < 3; ++i) {
        const Value seen = x * masks[static_cast<std::size_t>(i)];
        parts.push_back(ops::matmul(seen, gates(weights.kernel, i)));
      }
      projected = ops::concatenate(parts, -1);
    } else {
      projected = ops::matmul(masks.empty() ? x : x * masks[0], weights.kernel);
    }
    if (!weights.bias) return projected;
    return projected + (this->options.reset_after ? ops::select(weights.bias, 0, 0) : weights.bias);
  }

  std::optional<RNNCell::Sequence> run_at_once(Value x, const GateWeights& weights,
                                               const std::vector<Value>& states,
                                               Value lengths) const {
    if (!this->options.activation.is("tanh") || !this->options.recurrent_activation.is("sigmoid"))
      return std::nullopt;
    const ops::RecurrentOutputs run =
        ops::gru(x, weights.kernel, weights.recurrent_kernel, weights.bias,
                 states.empty() ? Value{} : states[0], lengths, this->options.reset_after);
    return RNNCell::Sequence{run.sequence, run.hidden, {run.hidden}};
  }

  std::vector<Value> advance(Value projected, const std::vector<Value>& states,
                             const GateWeights& weights) const {
    const auto& [activation, recurrent_activation] =
        std::tie(this->options.activation, this->options.recurrent_activation);
    const bool reset_after = this->options.reset_after;
    const Value h = states[0], kernel = weights.recurrent_kernel;
    const auto state = [&](std::size_t number) { return weights.masks.state(h, number); };
    // Of update and reset gate, and with reset_after of the candidate too.
    Value from_state, candidate;
    if (!weights.masks.states.empty()) {
      from_state = ops::concatenate(
          {ops::matmul(state(0), gates(kernel, 0)), ops::matmul(state(1), gates(kernel, 1))}, -1);
      if (reset_after) candidate = ops::matmul(state(2), gates(kernel, 2));
    } else if (reset_after) {
      const Value all = ops::matmul(h, kernel);
      from_state = gates(all, 0, 2);
      candidate = gates(all, 2);
    } else {
      from_state = ops::matmul(h, gates(kernel, 0, 2));
    }
    if (weights.bias && reset_after) {
      const Value bias = ops::select(weights.bias, 0, 1);
      from_state = from_state + gates(bias, 0, 2);
      candidate = candidate + gates(bias, 2);
    }
    const Value update = recurrent_activation(gates(projected, 0) + gates(from_state, 0));
    const Value reset = recurrent_activation(gates(projected, 1) + gates(from_state, 1));
    candidate = reset_after ? reset * candidate : ops::matmul(reset * state(2), gates(kernel, 2));
    const Value next = update * h + (1.0 - update) * activation(gates(projected, 2) + candidate);
    return {next, next};
  }

 private:
  /// The columns of some gates.
  Value gates(Value all, std::int64_t first, std::int64_t count = 1) const {
    return ops::slice(all, -1, first * this->units, (first + count) * this->units);
  }
};

using Cell = GRUCellLayer<GRUCellOptions, false>;
using OwnCell = GRUCellLayer<GRUOptions, true>;

class GRULayer final : public GatedLayer<GRULayer, OwnCell, GRUOptions> {
 public:
  std::string class_name() const override { return "GRU"; }
};

const RegisterConfigured<GRULayer> registered("GRU");
const RegisterConfigured<Cell> registered_cell("GRUCell");

}  // namespace

LayerPtr GRU(std::int64_t units, GRUOptions options) {
  return make_gated<GRULayer>(units, options);
}

LayerPtr GRUCell(std::int64_t units, GRUCellOptions options) {
  return make_gated<Cell>(units, options);
}

}  // namespace sinew::layers
