#pragma once

#include <optional>

#include "nn/layers/layer_support.h"

/// The random numbers of layers that drop or disturb what they see in training.
namespace sinew::layers {

/// Throws ValueError unless 0 <= rate <= 1, where `option` is what it is called.
void expect_rate(const Layer& layer, double rate, const char* option = "rate");

/// Uniform in [0, 1), and standard normal, for x: of x's dtype (float32 for bfloat16). `seed`,
/// where given, keys them in place of the model's. Two calls give different numbers.
Value draw_uniform(CallContext& context, std::optional<std::int64_t> seed, Value x,
                   const Shape& shape);
Value draw_normal(CallContext& context, std::optional<std::int64_t> seed, Value x);

/// In training x with each element zero with probability `rate` and divided by (1 - rate)
/// otherwise; elements along axes where `decisions` has extent 1 share theirs.
Value drop(CallContext& context, std::optional<std::int64_t> seed, double rate, Value x,
           const Shape& decisions);

}  // namespace sinew::layers
