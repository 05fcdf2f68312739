#include "ops/rnn_unrolled.h"

#include "sinew/ops/array.h"
#include "sinew/ops/elementwise.h"
#include "sinew/ops/matmul.h"

namespace sinew::ops {
namespace {

Value zeros_state(const RecurrentOperands& o) {
  return zeros(o.x.graph(), {o.x.dim(0), o.recurrent.dim(0)}, o.x.dtype());
}

/// x_t W + b for one step.
Value projected(const RecurrentOperands& o, std::int64_t step) {
  const Value z = matmul(select(o.x, 1, step), o.kernel);
  return o.bias ? z + o.bias : z;
}

/// The values of rows that are still within their sequences at a step; otherwise others.
Value within(const RecurrentOperands& o, std::int64_t step, Value now, Value otherwise) {
  if (!o.lengths) return now;
  const Value goes_on = greater(o.lengths, static_cast<double>(step));
  return where(expand_dims(goes_on, 1), now, otherwise);
}

Value activate(const std::string& activation, Value z) {
  if (activation == "tanh") return tanh(z);
  if (activation == "relu") return relu(z);
  if (activation == "sigmoid") return sigmoid(z);
  return z;
}

}  // namespace

Values unrolled_lstm(std::span<const Value> inputs, const Attributes& attributes) {
  const RecurrentOperands o(inputs, attributes);
  const std::int64_t units = o.recurrent.dim(0);
  Value h = o.h0 ? o.h0 : zeros_state(o);
  Value c = o.c0 ? o.c0 : zeros_state(o);
  Values sequence, gates, cells;
  for (std::int64_t t = 0; t < o.x.dim(1); ++t) {
    const Value z = projected(o, t) + matmul(h, o.recurrent);
    const auto gate = [&](std::int64_t k) { return slice(z, 1, k * units, (k + 1) * units); };
    const Value i = sigmoid(gate(0));
    const Value f = sigmoid(gate(1));
    const Value g = tanh(gate(2));
    const Value out = sigmoid(gate(3));
    c = within(o, t, f * c + i * g, c);
    const Value next = out * tanh(c);
    h = within(o, t, next, h);
    sequence.push_back(within(o, t, next, zeros_state(o)));
    gates.push_back(concatenate({i, f, g, out}, 1));
    cells.push_back(c);
  }
  return {stack(sequence, 1), h, c, stack(gates, 1), stack(cells, 1)};
}

Values unrolled_simple(std::span<const Value> inputs, const Attributes& attributes) {
  const RecurrentOperands o(inputs, attributes);
  Value h = o.h0 ? o.h0 : zeros_state(o);
  Values sequence;
  for (std::int64_t t = 0; t < o.x.dim(1); ++t) {
    const Value next = activate(attributes.get<std::string>("activation"),
                                projected(o, t) + matmul(h, o.recurrent));
    h = within(o, t, next, h);
    sequence.push_back(within(o, t, next, zeros_state(o)));
  }
  return {stack(sequence, 1), h};
}

Values unrolled_gru(std::span<const Value> inputs, const Attributes& attributes) {
  RecurrentOperands o(inputs, attributes);
  const bool reset_after = attributes.flag("reset_after");
  const std::int64_t units = o.recurrent.dim(0);
  const auto gates = [units](Value z, std::int64_t first, std::int64_t count = 1) {
    return slice(z, 1, first * units, (first + count) * units);
  };
  Value state_bias;
  if (o.bias && reset_after) {
    state_bias = select(o.bias, 0, 1);
    o.bias = select(o.bias, 0, 0);
  }
  Value h = o.h0 ? o.h0 : zeros_state(o);
  Values sequence, all_gates, products;
  for (std::int64_t t = 0; t < o.x.dim(1); ++t) {
    const Value of_input = projected(o, t);
    Value of_state = matmul(h, o.recurrent);
    if (state_bias) of_state = of_state + state_bias;
    const Value update = sigmoid(gates(of_input, 0) + gates(of_state, 0));
    const Value reset = sigmoid(gates(of_input, 1) + gates(of_state, 1));
    const Value product =
        reset_after ? reset * gates(of_state, 2) : matmul(reset * h, gates(o.recurrent, 2));
    const Value candidate = tanh(gates(of_input, 2) + product);
    const Value next = update * h + (1.0 - update) * candidate;
    h = within(o, t, next, h);
    sequence.push_back(within(o, t, next, zeros_state(o)));
    all_gates.push_back(concatenate({update, reset, candidate}, 1));
    products.push_back(gates(of_state, 2));
  }
  Values outputs{stack(sequence, 1), h, stack(all_gates, 1)};
  if (reset_after) outputs.push_back(stack(products, 1));
  return outputs;
}

}  // namespace sinew::ops
