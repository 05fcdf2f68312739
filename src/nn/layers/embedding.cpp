#include "nn/layers/layer_support.h"
#include "sinew/ops/ops.h"

namespace sinew::layers {
namespace {

class EmbeddingLayer final : public ConfiguredLayer<EmbeddingLayer> {
 public:
  std::int64_t input_dim = 0;
  std::int64_t output_dim = 0;
  EmbeddingOptions options;

  std::string class_name() const override { return "Embedding"; }
  DType input_dtype() const override { return DType::Int64; }
  /// A few rows are rounded instead of the whole table.
  bool computes_in_weights_dtype() const override { return true; }

  static void fields(auto& self, auto& visit) {
    visit.required("input_dim", self.input_dim);
    visit.required("output_dim", self.output_dim);
    visit("embeddings_initializer", self.options.embeddings_initializer);
    visit("embeddings_regularizer", self.options.embeddings_regularizer);
    visit("embeddings_constraint", self.options.embeddings_constraint);
    visit.only("mask_zero", false);
  }

  void check_arguments() override {
    expect_at_least(*this, "input_dim", input_dim, 1);
    expect_at_least(*this, "output_dim", output_dim, 1);
  }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    expect_inputs(1, inputs);
    if (inputs[0].shape.rank() < 1) expect_rank(inputs[0], 1, "(batch, ...)");
  }

  void build(const std::vector<Shape>&) override {
    embeddings_ = add_weight("embeddings", {input_dim, output_dim},
                             {options.embeddings_initializer, options.embeddings_regularizer, true,
                              options.embeddings_constraint});
  }

  std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) override {
    Value indices = inputs[0];
    if (indices.dtype() != DType::Int32 && indices.dtype() != DType::Int64)
      indices = ops::cast(indices, DType::Int64);
    return {ops::gather(weight(context, embeddings_), indices)};
  }

 private:
  VariablePtr embeddings_;
};

const RegisterConfigured<EmbeddingLayer> registered("Embedding");

}  // namespace

LayerPtr Embedding(std::int64_t input_dim, std::int64_t output_dim, EmbeddingOptions options) {
  const auto layer = std::make_shared<EmbeddingLayer>();
  layer->input_dim = input_dim;
  layer->output_dim = output_dim;
  layer->options = options;
  return finish(layer, options);
}

}  // namespace sinew::layers
