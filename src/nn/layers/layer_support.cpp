#include "nn/layers/layer_support.h"

#include <fmt/format.h>

#include "sinew/base/suggest.h"
#include "sinew/base/text.h"
#include "sinew/ops/elementwise.h"

namespace sinew {

TensorType without_steps(const TensorType& sequence) {
  std::vector<std::int64_t> dims = sequence.shape.dims();
  dims.erase(dims.begin() + 1);
  return {sequence.dtype, Shape(std::move(dims))};
}

void expect_unrollable(const Layer& layer, std::int64_t steps) {
  constexpr std::int64_t kMost = 10'000;
  if (steps <= kMost) return;
  throw ValueError(
      fmt::format("{}: the sequence has {} steps, and each becomes a part of the program: {} are "
                  "the most. Cut the sequence, or let Conv1D or pooling shorten it",
                  layer.where(), grouped(steps), grouped(kMost)));
}

void expect_at_least(const Layer& layer, const char* option, std::int64_t value,
                     std::int64_t least) {
  if (value < least) {
    throw ValueError(
        fmt::format("{}: {} is {}; it must be at least {}", layer.where(), option, value, least));
  }
  if (value > kLargestExtent) {
    throw ValueError(fmt::format("{}: {} is {}; no machine holds so many", layer.where(), option,
                                 grouped(value)));
  }
}

void expect_one_of(const Layer& layer, const char* option, const std::string& value,
                   const std::vector<std::string>& known) {
  if (std::find(known.begin(), known.end(), value) == known.end()) {
    throw ValueError(layer.where() + ": " + unknown_name_message(option, value, known));
  }
}

Initializer with_fans(const Initializer& initializer, std::int64_t in, std::int64_t out) {
  if (!initializer.scales_by_fans()) return initializer;
  return [=](const Shape& shape, DType dtype, PhiloxStream& random) {
    return initializer({in, out}, dtype, random.next_u64(), 0).reshape(shape);
  };
}

void add_activity_loss(CallContext& context, const Regularizer& regularizer, Value output) {
  if (!regularizer) return;
  context.losses.push_back(regularizer(output) / static_cast<double>(output.dim(0)));
}

}  // namespace sinew
