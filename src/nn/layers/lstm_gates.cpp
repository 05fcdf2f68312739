#include "nn/layers/lstm_gates.h"

#include <algorithm>

#include "sinew/ops/ops.h"

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

std::vector<Value> lstm_step(Value z, Value c, const ActivationFunction& activation,
                             const ActivationFunction& recurrent_activation) {
  const std::int64_t units = c.dim(-1);
  const auto gate = [&](std::int64_t number) {
    return ops::slice(z, -1, number * units, (number + 1) * units);
  };
  const Value in = recurrent_activation(gate(0)), forget = recurrent_activation(gate(1));
  c = forget * c + in * activation(gate(2));
  const Value h = recurrent_activation(gate(3)) * activation(c);
  return {h, h, c};
}

}  // namespace sinew::layers
