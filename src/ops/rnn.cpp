#include "sinew/ops/rnn.h"

#include <fmt/format.h>

#include "ops/rnn_unrolled.h"
#include "sinew/base/error.h"
#include "sinew/graph/op.h"

namespace sinew::ops {
namespace {

constexpr std::int64_t kLstmGates = 4;
constexpr std::int64_t kGruGates = 3;

std::vector<TensorType> infer(const Node& node, std::span<const TensorType> inputs,
                              std::int64_t gates) {
  const auto fail = [&](const std::string& what) {
    throw ShapeError(fmt::format("{}: {}", node.where(), what));
  };
  const Shape& x = inputs[0].shape;
  const Shape& kernel = inputs[1].shape;
  const Shape& recurrent = inputs[2].shape;
  const std::size_t floating = inputs.size() - (has_lengths(node.attributes) ? 1 : 0);
  for (const TensorType& input : inputs.first(floating)) {
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
  const Shape of_gates{gates * units};
  const bool apart = gates == kGruGates && node.attributes.flag("reset_after");
  check("has_bias", apart ? of_gates.prepend(2) : of_gates, "the bias");
  check("has_h0", Shape{x[0], units}, "the initial hidden state");
  check("has_c0", Shape{x[0], units}, "the initial cell state");
  if (has_lengths(node.attributes) && inputs[at] != TensorType{DType::Int64, Shape{x[0]}}) {
    fail(fmt::format("the lengths must be {}{}, not {}{}", name_of(DType::Int64), Shape{x[0]}.str(),
                     name_of(inputs[at].dtype), inputs[at].shape.str()));
  }
  const DType dtype = inputs[0].dtype;
  const Shape sequence{x[0], x[1], units};
  const Shape state{x[0], units};
  std::vector<TensorType> outputs{{dtype, sequence}, {dtype, state}};
  if (gates == 1) return outputs;
  if (gates == kLstmGates) outputs.push_back({dtype, state});
  // Gates after their activations of all steps, and cell states (of a GRU what the reset gate
  // weighs after the product), are what the backward op needs.
  outputs.push_back({dtype, sequence.with(2, gates * units)});
  if (gates == kLstmGates || apart) outputs.push_back({dtype, sequence});
  return outputs;
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
  Values slopes = r.graph.add(op, inputs, std::move(attributes));
  slopes.resize(r.inputs.size());
  return slopes;
}

std::vector<TensorType> infer_backward(const Node& node, std::span<const TensorType> inputs) {
  std::size_t count = 3;
  for (const char* flag : {"has_bias", "has_h0", "has_c0"})
    count += node.attributes.flag(flag) ? 1 : 0;
  return {inputs.begin(), inputs.begin() + static_cast<std::ptrdiff_t>(count)};
}

/// A backward op as the vector-Jacobian product of the unrolled network.
VectorJacobian explain(std::span<const Value> inputs, const Attributes& attributes, Values outputs,
                       std::size_t saved, std::span<const char* const> cotangents) {
  const RecurrentOperands operands(inputs, attributes);
  VectorJacobian of;
  of.inputs.assign(inputs.begin(), inputs.begin() + static_cast<std::ptrdiff_t>(operands.count));
  std::size_t at = operands.total + saved;
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
constexpr std::size_t kGruSaved[] = {0, 2, 3};
constexpr std::size_t kSimpleSaved[] = {0};

const RegisterOp lstm_op({
    .name = "lstm",
    .infer = [](const Node& node,
                std::span<const TensorType> inputs) { return infer(node, inputs, kLstmGates); },
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

const RegisterOp gru_op({
    .name = "gru",
    .infer = [](const Node& node,
                std::span<const TensorType> inputs) { return infer(node, inputs, kGruGates); },
    .gradient = [](const GradientRequest& r) -> Values {
      if (r.cotangents[2] || r.cotangents.back()) {
        throw InternalError(
            "gru's saved gates and products are for its backward op; they are no differentiable "
            "outputs");
      }
      return backward(r, "gru_backward", std::span(kGruSaved).first(r.outputs.size() - 1),
                      kSimpleCotangents);
    },
    .flops = flops,
});

const RegisterOp gru_backward_op({
    .name = "gru_backward",
    .infer = infer_backward,
    .backward_of =
        [](std::span<const Value> inputs, const Attributes& attributes) {
          return explain(inputs, attributes, unrolled_gru(inputs, attributes),
                         attributes.flag("reset_after") ? 3 : 2, kSimpleCotangents);
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

Values add(const char* op, Values inputs, Value bias, Value h0, Value c0, Value lengths,
           Attributes attributes) {
  for (auto [name, value] :
       {std::pair{"has_bias", bias}, {"has_h0", h0}, {"has_c0", c0}, {"has_lengths", lengths}}) {
    attributes.set(name, value.defined());
    if (value) inputs.push_back(value);
  }
  return inputs[0].graph().add(op, inputs, std::move(attributes));
}

}  // namespace

RecurrentOutputs lstm(Value x, Value kernel, Value recurrent_kernel, Value bias, Value h0, Value c0,
                      Value lengths) {
  const Values y = add("lstm", {x, kernel, recurrent_kernel}, bias, h0, c0, lengths, {});
  return {y[0], y[1], y[2]};
}

RecurrentOutputs gru(Value x, Value kernel, Value recurrent_kernel, Value bias, Value h0,
                     Value lengths, bool reset_after) {
  const Values y = add("gru", {x, kernel, recurrent_kernel}, bias, h0, {}, lengths,
                       {{"reset_after", reset_after}});
  return {y[0], y[1], {}};
}

RecurrentOutputs simple_rnn(Value x, Value kernel, Value recurrent_kernel, Value bias, Value h0,
                            const std::string& activation, Value lengths) {
  if (activation != "tanh" && activation != "relu" && activation != "sigmoid" &&
      activation != "linear") {
    throw ValueError(fmt::format(
        "simple_rnn: activation '{}'; tanh, relu, sigmoid and linear are known", activation));
  }
  const Values y = add("simple_rnn", {x, kernel, recurrent_kernel}, bias, h0, {}, lengths,
                       {{"activation", activation}});
  return {y[0], y[1], {}};
}

}  // namespace sinew::ops
