#include <fmt/format.h>

#include "nn/layers/layer_support.h"
#include "sinew/applications/layers.h"
#include "sinew/ops/ops.h"

namespace sinew::layers {
namespace {

class LearnedPositionsLayer final : public ConfiguredLayer<LearnedPositionsLayer> {
 public:
  std::int64_t max_steps = 0;
  LearnedPositionsOptions options;

  std::string class_name() const override { return "LearnedPositions"; }
  bool supports_masking() const override { return true; }
  static void fields(auto& self, auto& visit) {
    visit.required("max_steps", self.max_steps);
    visit("embeddings_initializer", self.options.embeddings_initializer);
  }

  void check_arguments() override { expect_at_least(*this, "max_steps", max_steps, 1); }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    if (inputs.empty()) expect_inputs(1, inputs);
    for (const TensorType& input : inputs) {
      expect_dtype(input);
      expect_rank(input, 3, "(batch, steps, features)");
      if (input.shape != inputs[0].shape) {
        throw ShapeError(fmt::format("{}: inputs {} and {} cannot be added: their shapes differ",
                                     where(), inputs[0].shape.str(), input.shape.str()));
      }
    }
    if (inputs[0].shape[1] > max_steps) {
      throw ShapeError(fmt::format("{}: input {} has {} steps, but the layer knows {} positions",
                                   where(), inputs[0].shape.str(), inputs[0].shape[1], max_steps));
    }
    if (embeddings_) expect_extent(inputs[0], 2, embeddings_->shape()[1], "features");
  }

  void build(const std::vector<Shape>& input_shapes) override {
    embeddings_ =
        add_weight("embeddings", {max_steps, known_extent(input_shapes[0], 2, "features")},
                   {options.embeddings_initializer});
  }

  std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) override {
    Value sum = ops::slice(weight(context, embeddings_), 0, 0, inputs[0].dim(1));
    for (const Value& input : inputs) sum = input + sum;
    return {sum};
  }

 private:
  VariablePtr embeddings_;
};

const RegisterConfigured<LearnedPositionsLayer> registered("LearnedPositions");

}  // namespace

LayerPtr LearnedPositions(std::int64_t max_steps, LearnedPositionsOptions options) {
  const auto layer = std::make_shared<LearnedPositionsLayer>();
  layer->max_steps = max_steps;
  layer->options = options;
  return finish(layer, options);
}

}  // namespace sinew::layers
