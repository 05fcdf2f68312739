#include <algorithm>

#include "nn/layers/layer_support.h"
#include "sinew/nn/layers/rnn.h"
#include "sinew/ops/ops.h"

namespace sinew {
namespace {

/// (N) -> (N, 1, …), to choose among values of that rank.
Value along(Value mask, int rank) {
  std::vector<std::int64_t> dims(static_cast<std::size_t>(rank), 1);
  dims[0] = mask.dim(0);
  return ops::reshape(mask, Shape(std::move(dims)));
}

}  // namespace

RNNCell::Sequence RNNCell::unroll(Value x, std::vector<Value> states, const Steps& steps,
                                  const Step& step) const {
  expect_unrollable(*this, x.dim(1));
  if (states.empty()) {
    for (const Shape& shape : state_shapes())
      states.push_back(ops::zeros(x.graph(), shape.prepend(x.dim(0)), compute_dtype()));
  }
  std::vector<Value> outputs;
  Value before;
  for (std::int64_t t = 0; t < x.dim(1); ++t) {
    std::vector<Value> next = step(ops::select(x, 1, t), states);
    Value output = next[0];
    next.erase(next.begin());
    if (steps.mask) {
      const Value counts = ops::select(steps.mask, 1, t);
      const auto choose = [&](Value now, Value otherwise) {
        return ops::where(along(counts, now.rank()), now, otherwise);
      };
      if (!before || steps.zero_output) before = ops::zeros_like(output);
      output = choose(output, before);
      for (std::size_t i = 0; i < next.size(); ++i) next[i] = choose(next[i], states[i]);
    }
    outputs.push_back(before = output);
    states = std::move(next);
  }
  return {.outputs = ops::stack(outputs, 1), .last = before, .states = std::move(states)};
}

RNNCell::Sequence RNNCell::run(CallContext& context, Value x, std::vector<Value> states,
                               const Steps& steps) {
  return unroll(x, std::move(states), steps, [&](Value now, const std::vector<Value>& before) {
    std::vector<Value> inputs{now};
    inputs.insert(inputs.end(), before.begin(), before.end());
    return (*this)(context, inputs);
  });
}

}  // namespace sinew
