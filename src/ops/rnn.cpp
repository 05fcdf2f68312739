#include "sinew/ops/rnn.h"

#include <fmt/format.h>

#include "sinew/base/error.h"
#include "sinew/graph/op.h"
#include "sinew/ops/array.h"
#include "sinew/ops/elementwise.h"
#include "sinew/ops/matmul.h"

namespace sinew::ops {
namespace {

using Values = std::vector<Value>;

/// The operands of a recurrent op; which of the optional ones are there is in the attributes.
struct Operands {
  Value x, kernel, recurrent, bias, h0, c0;
  std::size_t count = 0;

  Operands(std::span<const Value> inputs, const Attributes& attributes) {
    x = inputs[0];
    kernel = inputs[1];
    recurrent = inputs[2];
    count = 3;
    for (auto [name, value] : {std::pair{"has_bias", &bias}, {"has_h0", &h0}, {"has_c0", &c0}}) {
      if (attributes.flag(name)) *value = inputs[count++];
    }
  }
};

std::vector<TensorType> infer(const Node& node, std::span<const TensorType> inputs,
                              std::int64_t gates) {
  const auto fail = [&](const std::string& what) {
    throw ShapeError(fmt::format("{}: {}", node.where(), what));
  };
  const Shape& x = inputs[0].shape;
  const Shape& kernel = inputs[1].shape;
  const Shape& recurrent = inputs[2].shape;
  for (const TensorType& input : inputs) {
    if (!is_floating(input.dtype) || input.dtype != inputs[0].dtype) {
      throw DTypeError(fmt::format("{}: needs floating operands of one dtype, not {} and {}",
                                   node.where(), name_of(inputs[0].dtype), name_of(input.dtype)));
    }
  }
  if (x.rank() != 3)
    fail(fmt::format("the input must have rank 3, (batch, steps, features), not {}", x.str()));
  if (x[1] < 1) fail(fmt::format("the input {} has no steps", x.str()));
  if (recurrent.rank() != 2 || recurrent[1] != gates * recurrent[0]) {
    fail(fmt::format("the recurrent kernel must be (units, {} units), not {}", gates,
                     recurrent.str()));
  }
  const std::int64_t units = recurrent[0];
  if (kernel != Shape{x[2], gates * units}) {
    fail(fmt::format("input {} and {} units need a kernel of {}, not {}", x.str(), units,
                     Shape{x[2], gates * units}.str(), kernel.str()));
  }
  std::size_t at = 3;
  const auto check = [&](const char* flag, const Shape& wanted, const char* what) {
    if (!node.attributes.flag(flag)) return;
    if (inputs[at].shape != wanted)
      fail(fmt::format("{} must be {}, not {}", what, wanted.str(), inputs[at].shape.str()));
    ++at;
  };
  check("has_bias", Shape{gates * units}, "the bias");
  check("has_h0", Shape{x[0], units}, "the initial hidden state");
  check("has_c0", Shape{x[0], units}, "the initial cell state");
  const DType dtype = inputs[0].dtype;
  const Shape sequence{x[0], x[1], units};
  const Shape state{x[0], units};
  if (gates == 1) return {{dtype, sequence}, {dtype, state}};
  // Gates after their activations and cell states of all steps are what the backward op needs.
  return {{dtype, sequence},
          {dtype, state},
          {dtype, state},
          {dtype, sequence.with(2, 4 * units)},
          {dtype, sequence}};
}

double flops(const Node&, std::span<const TensorType> inputs) {
  const Shape& x = inputs[0].shape;
  return 2.0 * static_cast<double>(x[0] * x[1]) *
         static_cast<double>(inputs[1].shape.numel() + inputs[2].shape.numel());
}

double backward_flops(const Node& node, std::span<const TensorType> inputs) {
  return 2.0 * flops(node, inputs);
}

/// The backward op: forward operands, what forward has saved, then the cotangents that exist.
Values backward(const GradientRequest& r, const char* op, std::span<const std::size_t> saved,
                std::span<const char* const> cotangents) {
  Values inputs = r.inputs;
  Attributes attributes = r.attributes();
  for (std::size_t output : saved) inputs.push_back(r.outputs[output]);
  for (std::size_t i = 0; i < cotangents.size(); ++i) {
    attributes.set(cotangents[i], r.cotangents[i].defined());
    if (r.cotangents[i]) inputs.push_back(r.cotangents[i]);
  }
  return r.graph.add(op, inputs, std::move(attributes));
}

std::vector<TensorType> infer_backward(const Node& node, std::span<const TensorType> inputs) {
  std::size_t count = 3;
  for (const char* flag : {"has_bias", "has_h0", "has_c0"})
    count += node.attributes.flag(flag) ? 1 : 0;
  return {inputs.begin(), inputs.begin() + static_cast<std::ptrdiff_t>(count)};
}

Value zeros_state(const Operands& o) {
  return zeros(o.x.graph(), {o.x.dim(0), o.recurrent.dim(0)}, o.x.dtype());
}

/// x_t W + b for one step.
Value projected(const Operands& o, std::int64_t step) {
  const Value z = matmul(select(o.x, 1, step), o.kernel);
  return o.bias ? z + o.bias : z;
}

Values unrolled_lstm(std::span<const Value> inputs, const Attributes& attributes) {
  const Operands o(inputs, attributes);
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
    c = f * c + i * g;
    h = out * tanh(c);
    sequence.push_back(h);
    gates.push_back(concatenate({i, f, g, out}, 1));
    cells.push_back(c);
  }
  return {stack(sequence, 1), h, c, stack(gates, 1), stack(cells, 1)};
}

Value activate(const std::string& activation, Value z) {
  if (activation == "tanh") return tanh(z);
  if (activation == "relu") return relu(z);
  if (activation == "sigmoid") return sigmoid(z);
  return z;
}

Values unrolled_simple(std::span<const Value> inputs, const Attributes& attributes) {
  const Operands o(inputs, attributes);
  Value h = o.h0 ? o.h0 : zeros_state(o);
  Values sequence;
  for (std::int64_t t = 0; t < o.x.dim(1); ++t) {
    h = activate(attributes.get<std::string>("activation"),
                 projected(o, t) + matmul(h, o.recurrent));
    sequence.push_back(h);
  }
  return {stack(sequence, 1), h};
}

/// A backward op as the vector-Jacobian product of the unrolled network.
VectorJacobian explain(std::span<const Value> inputs, const Attributes& attributes, Values outputs,
                       std::size_t saved, std::span<const char* const> cotangents) {
  const std::size_t operands = Operands(inputs, attributes).count;
  VectorJacobian of;
  of.inputs.assign(inputs.begin(), inputs.begin() + static_cast<std::ptrdiff_t>(operands));
  std::size_t at = operands + saved;
  for (std::size_t i = 0; i < cotangents.size(); ++i) {
    if (!attributes.flag(cotangents[i])) continue;
    of.outputs.push_back(outputs[i]);
    of.cotangents.push_back(inputs[at++]);
  }
  return of;
}

constexpr const char* kLstmCotangents[] = {"has_dsequence", "has_dhidden", "has_dcell"};
constexpr const char* kSimpleCotangents[] = {"has_dsequence", "has_dhidden"};
constexpr std::size_t kLstmSaved[] = {0, 3, 4};
constexpr std::size_t kSimpleSaved[] = {0};

const RegisterOp lstm_op({
    .name = "lstm",
    .infer = [](const Node& node,
                std::span<const TensorType> inputs) { return infer(node, inputs, 4); },
    .gradient = [](const GradientRequest& r) -> Values {
      // What is saved for backward is no result: cotangents reach it only through an op that was
      // given it by hand.
      if (r.cotangents[3] || r.cotangents[4]) {
        throw InternalError("lstm: gates and cell sequences are not differentiable outputs");
      }
      return backward(r, "lstm_backward", kLstmSaved, kLstmCotangents);
    },
    .flops = flops,
});

const RegisterOp lstm_backward_op({
    .name = "lstm_backward",
    .infer = infer_backward,
    .backward_of =
        [](std::span<const Value> inputs, const Attributes& attributes) {
          return explain(inputs, attributes, unrolled_lstm(inputs, attributes), 3, kLstmCotangents);
        },
    .flops = backward_flops,
});

const RegisterOp simple_rnn_op({
    .name = "simple_rnn",
    .infer = [](const Node& node,
                std::span<const TensorType> inputs) { return infer(node, inputs, 1); },
    .gradient = [](const GradientRequest& r) -> Values {
      return backward(r, "simple_rnn_backward", kSimpleSaved, kSimpleCotangents);
    },
    .flops = flops,
});

const RegisterOp simple_rnn_backward_op({
    .name = "simple_rnn_backward",
    .infer = infer_backward,
    .backward_of =
        [](std::span<const Value> inputs, const Attributes& attributes) {
          return explain(inputs, attributes, unrolled_simple(inputs, attributes), 1,
                         kSimpleCotangents);
        },
    .flops = backward_flops,
});

Values add(const char* op, Value x, Value kernel, Value recurrent, Value bias, Value h0, Value c0,
           Attributes attributes) {
  Values inputs{x, kernel, recurrent};
  for (auto [name, value] : {std::pair{"has_bias", bias}, {"has_h0", h0}, {"has_c0", c0}}) {
    attributes.set(name, value.defined());
    if (value) inputs.push_back(value);
  }
  return x.graph().add(op, inputs, std::move(attributes));
}

}  // namespace

RecurrentOutputs lstm(Value x, Value kernel, Value recurrent_kernel, Value bias, Value h0,
                      Value c0) {
  const Values y = add("lstm", x, kernel, recurrent_kernel, bias, h0, c0, {});
  return {y[0], y[1], y[2]};
}

RecurrentOutputs simple_rnn(Value x, Value kernel, Value recurrent_kernel, Value bias, Value h0,
                            const std::string& activation) {
  if (activation != "tanh" && activation != "relu" && activation != "sigmoid" &&
      activation != "linear") {
    throw ValueError(fmt::format(
        "simple_rnn: activation '{}'; tanh, relu, sigmoid and linear are known", activation));
  }
  const Values y =
      add("simple_rnn", x, kernel, recurrent_kernel, bias, h0, {}, {{"activation", activation}});
  return {y[0], y[1], {}};
}

}  // namespace sinew::ops
