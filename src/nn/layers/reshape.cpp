#include <fmt/format.h>

#include <algorithm>

#include "nn/layers/layer_support.h"
#include "sinew/ops/array.h"

namespace sinew::layers {
namespace {

class ReshapeLayer final : public ConfiguredLayer<ReshapeLayer> {
 public:
  Shape target_shape;

  std::string class_name() const override { return "Reshape"; }
  static void fields(auto& self, auto& visit) { visit.required("target_shape", self.target_shape); }

  void check_arguments() override {
    int unknown = 0;
    for (std::int64_t extent : target_shape) {
      unknown += extent == -1;
      if (extent < -1 || unknown > 1) {
        throw ValueError(
            fmt::format("{}: target_shape is {}; at most one extent may be -1, and none below",
                        where(), target_shape.str()));
      }
    }
  }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    expect_inputs(1, inputs);
    const Shape& shape = inputs[0].shape;
    if (shape.rank() < 1) expect_rank(inputs[0], 1, "(batch, ...)");
    const Shape sample = shape.drop_front();
    for (std::int64_t extent : sample) {
      if (extent == Shape::kUnknown) return;
    }
    const auto at = std::find(target_shape.begin(), target_shape.end(), -1);
    const bool free = at != target_shape.end();
    // numel() refuses products that overflow.
    const std::int64_t given = sample.numel();
    const std::int64_t wanted =
        free ? target_shape.with(static_cast<int>(at - target_shape.begin()), 1).numel()
             : target_shape.numel();
    if (free ? wanted == 0 || given % wanted != 0 : given != wanted) {
      throw ShapeError(
          fmt::format("{}: the {} elements of a sample (input shape {}) cannot be arranged as {}",
                      where(), given, shape.str(), target_shape.str()));
    }
  }

  std::vector<Value> call(CallContext&, const std::vector<Value>& inputs) override {
    return {ops::reshape(inputs[0], target_shape.prepend(inputs[0].dim(0)))};
  }
};

const RegisterConfigured<ReshapeLayer> registered("Reshape");

}  // namespace

LayerPtr Reshape(Shape target_shape, LayerOptions options) {
  const auto layer = std::make_shared<ReshapeLayer>();
  layer->target_shape = std::move(target_shape);
  return finish(layer, options);
}

}  // namespace sinew::layers
