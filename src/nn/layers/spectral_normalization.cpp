#include <fmt/format.h>

#include "nn/layers/layer_support.h"
#include "sinew/nn/layers/wrappers.h"
#include "sinew/ops/ops.h"

namespace sinew::layers {
namespace {

class SpectralNormalizationLayer final : public ConfiguredLayer<SpectralNormalizationLayer> {
 public:
  LayerPtr layer;
  SpectralNormalizationOptions options;

  std::string class_name() const override { return "SpectralNormalization"; }
  static void fields(auto& self, auto& visit) {
    visit.required("layer", self.layer);
    visit("power_iterations", self.options.power_iterations);
  }
  DType input_dtype() const override { return layer->input_dtype(); }

  void check_arguments() override {
    if (!layer) throw ValueError(where() + ": the layer is a null pointer");
    expect_at_least(*this, "power_iterations", options.power_iterations, 1);
    add_sublayer(layer);
  }

  void build_for(const std::vector<TensorType>& inputs) override {
    layer->ensure_built(inputs);
    for (const VariablePtr& weight : layer->weights()) {
      const std::string& name = weight->name();
      if (!kernel_ && (name.ends_with("/kernel") || name.ends_with("/embeddings")))
        kernel_ = weight;
    }
    if (!kernel_ || kernel_->shape().rank() < 2) {
      throw ValueError(fmt::format("{}: {} has no kernel and no embeddings to normalise", where(),
                                   layer->where()));
    }
    adopt_weight(*layer, kernel_);
    vector_u_ = add_weight("vector_u", {1, kernel_->shape()[-1]},
                           {.initializer = "TruncatedNormal(stddev=0.02)", .trainable = false});
  }

  std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) override {
    if (context.training) normalise(context);
    return (*layer)(context, inputs);
  }

 private:
  static Value unit(Value x) {
    return x * ops::rsqrt(ops::maximum(ops::sum(ops::square(x)), 1e-12));
  }

  void normalise(CallContext& context) {
    const Value kernel = context.current(kernel_);
    const std::int64_t columns = kernel.dim(-1);
    const Value matrix = ops::reshape(kernel, {kernel.shape().numel() / columns, columns});
    Value u = context.current(vector_u_), v;
    for (std::int64_t i = 0; i < options.power_iterations; ++i) {
      v = unit(ops::matmul(u, matrix, {.transpose_b = true}));
      u = unit(ops::matmul(v, matrix));
    }
    const Value sigma = ops::matmul(ops::matmul(v, matrix), u, {.transpose_b = true});
    // A kernel of zeros has no direction, and stays.
    const Value none = ops::equal(ops::max(ops::abs(kernel)), ops::scalar_like(kernel, 0.0));
    const Value divisor = ops::where(none, ops::scalar_like(kernel, 1.0), ops::reshape(sigma, {}));
    context.assign(vector_u_, ops::where(none, context.current(vector_u_), u));
    context.assign(kernel_, ops::stop_gradient(kernel / divisor));
  }

  VariablePtr kernel_;
  VariablePtr vector_u_;
};

const RegisterConfigured<SpectralNormalizationLayer> registered("SpectralNormalization");

}  // namespace

LayerPtr SpectralNormalization(const LayerPtr& layer, SpectralNormalizationOptions options) {
  const auto made = std::make_shared<SpectralNormalizationLayer>();
  made->layer = layer;
  made->options = options;
  return finish(made, options);
}

}  // namespace sinew::layers
