#include <algorithm>

#include "nn/layers/layer_support.h"
#include "sinew/nn/layers/wrappers.h"
#include "sinew/ops/ops.h"

namespace sinew::layers {
namespace {

class TimeDistributedLayer final : public ConfiguredLayer<TimeDistributedLayer> {
 public:
  LayerPtr layer;

  std::string class_name() const override { return "TimeDistributed"; }
  static void fields(auto& self, auto& visit) { visit.required("layer", self.layer); }
  bool supports_masking() const override { return true; }
  DType input_dtype() const override { return layer->input_dtype(); }

  void check_arguments() override {
    if (!layer) throw ValueError(where() + ": the layer is a null pointer");
    add_sublayer(layer);
  }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    expect_inputs(1, inputs);
    if (inputs[0].shape.rank() < 2) expect_rank(inputs[0], 2, "(batch, steps, ...)");
  }

  void build_for(const std::vector<TensorType>& inputs) override {
    layer->ensure_built({without_steps(inputs[0])});
  }

  std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) override {
    const Value x = inputs[0];
    if (one_by_one(context)) {
      std::vector<Value> steps;
      for (std::int64_t t = 0; t < x.dim(1); ++t) {
        const Value step = ops::select(x, 1, t);
        mask_as(context, step, x, [&](Value mask) { return ops::select(mask, 1, t); });
        steps.push_back((*layer)(context, step));
      }
      return {ops::stack(steps, 1)};
    }
    // All steps are samples of one larger batch.
    const Value samples = ops::reshape(x, merged(x.shape()));
    mask_as(context, samples, x,
            [](Value mask) { return ops::reshape(mask, merged(mask.shape())); });
    const Value y = (*layer)(context, samples);
    return {ops::reshape(y, y.shape().drop_front().prepend(x.dim(1)).prepend(x.dim(0)))};
  }

 private:
  static Shape merged(const Shape& shape) {
    return shape.drop_front().drop_front().prepend(shape[0] * shape[1]);
  }

  /// Layers with statistics of batches see the steps one after the other in training.
  bool one_by_one(const CallContext& context) const {
    return context.training && std::any_of(layer->weights().begin(), layer->weights().end(),
                                           [&](const VariablePtr& weight) {
                                             return layer->trainable() && !weight->trainable();
                                           });
  }

  /// Gives `value` what the mask of x says of it; one of samples says nothing of it.
  template <typename Part>
  static void mask_as(CallContext& context, Value value, Value x, const Part& part) {
    const Value mask = context.mask(x);
    if (mask && mask.rank() > 1) context.set_mask(value, part(mask));
  }
};

const RegisterConfigured<TimeDistributedLayer> registered("TimeDistributed");

}  // namespace

LayerPtr TimeDistributed(const LayerPtr& layer, LayerOptions options) {
  const auto made = std::make_shared<TimeDistributedLayer>();
  made->layer = layer;
  return finish(made, options);
}

}  // namespace sinew::layers
