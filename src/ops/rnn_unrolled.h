#pragma once

#include <span>
#include <utility>
#include <vector>

#include "sinew/graph/graph.h"

namespace sinew::ops {

using Values = std::vector<Value>;

inline bool has_lengths(const Attributes& attributes) { return attributes.flag("has_lengths"); }

/// The operands of a recurrent op; which of the optional ones are there is in the attributes.
struct RecurrentOperands {
  Value x, kernel, recurrent, bias, h0, c0, lengths;
  /// Those that have gradients, and all.
  std::size_t count = 0, total = 0;

  RecurrentOperands(std::span<const Value> inputs, const Attributes& attributes) {
    x = inputs[0];
    kernel = inputs[1];
    recurrent = inputs[2];
    count = 3;
    for (auto [name, value] : {std::pair{"has_bias", &bias}, {"has_h0", &h0}, {"has_c0", &c0}}) {
      if (attributes.flag(name)) *value = inputs[count++];
    }
    total = count;
    if (has_lengths(attributes)) lengths = inputs[total++];
  }
};

/// The outputs of recurrent ops, step by step in simpler ops: what their backward ops are
/// differentiated through.
Values unrolled_lstm(std::span<const Value> inputs, const Attributes& attributes);
Values unrolled_gru(std::span<const Value> inputs, const Attributes& attributes);
Values unrolled_simple(std::span<const Value> inputs, const Attributes& attributes);

}  // namespace sinew::ops
