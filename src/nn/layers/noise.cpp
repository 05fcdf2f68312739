#include "nn/layers/noise.h"

#include <fmt/format.h>

#include "sinew/ops/ops.h"

namespace sinew::layers {
namespace {

Value key(CallContext& context, std::optional<std::int64_t> seed) {
  return seed ? context.graph.constant(Tensor::scalar(*seed)) : context.seed;
}

/// Of 8 binary digits the largest uniform number would be 1.
DType precise(DType dtype) { return dtype == DType::BFloat16 ? DType::Float32 : dtype; }

}  // namespace

void expect_rate(const Layer& layer, double rate, const char* option) {
  if (!(rate >= 0.0 && rate <= 1.0)) {
    throw ValueError(
        fmt::format("{}: {} is {}; it must be between 0 and 1", layer.where(), option, rate));
  }
}

Value draw_uniform(CallContext& context, std::optional<std::int64_t> seed, Value x,
                   const Shape& shape) {
  return ops::random_uniform(key(context, seed), context.step, context.next_stream++, shape,
                             precise(x.dtype()));
}

Value draw_normal(CallContext& context, std::optional<std::int64_t> seed, Value x) {
  const Value drawn = ops::random_normal(key(context, seed), context.step, context.next_stream++,
                                         x.shape(), precise(x.dtype()));
  return ops::cast(drawn, x.dtype());
}

Value drop(CallContext& context, std::optional<std::int64_t> seed, double rate, Value x,
           const Shape& decisions) {
  if (!context.training || rate == 0.0) return x;
  if (rate == 1.0) return ops::zeros_like(x);
  // drawn is in [0, 1), so an element stays with probability 1 - rate exactly.
  const Value drawn = draw_uniform(context, seed, x, decisions);
  const Value keep = ops::greater_equal(drawn, ops::scalar_like(drawn, rate));
  return ops::where(keep, x / (1.0 - rate), ops::scalar_like(x, 0.0));
}

}  // namespace sinew::layers
