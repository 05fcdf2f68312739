#include <fmt/format.h>

#include "nn/layers/layer_support.h"
#include "sinew/ops/ops.h"

namespace sinew::layers {
namespace {

/// What both tables share: from integers to rows.
template <typename Derived, typename Options>
class TableLayer : public ConfiguredLayer<Derived> {
 public:
  std::int64_t input_dim = 0;
  std::int64_t output_dim = 0;
  Options options;

  DType input_dtype() const override { return DType::Int64; }
  /// A few rows are rounded instead of the whole table.
  bool computes_in_weights_dtype() const override { return true; }

  static void fields(auto& self, auto& visit) {
    visit.required("input_dim", self.input_dim);
    visit.required("output_dim", self.output_dim);
    visit("embeddings_initializer", self.options.embeddings_initializer);
    visit("embeddings_regularizer", self.options.embeddings_regularizer);
    visit("embeddings_constraint", self.options.embeddings_constraint);
    visit("mask_zero", self.options.mask_zero);
  }

  void check_arguments() override {
    expect_at_least(*this, "input_dim", input_dim, 1);
    expect_at_least(*this, "output_dim", output_dim, 1);
  }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    this->expect_inputs(1, inputs);
    if (inputs[0].shape.rank() < 1) this->expect_rank(inputs[0], 1, "(batch, ...)");
  }

  void build(const std::vector<Shape>&) override {
    embeddings_ = this->add_weight("embeddings", {input_dim, output_dim},
                                   {options.embeddings_initializer, options.embeddings_regularizer,
                                    options.embeddings_constraint});
  }

  std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) override {
    Value indices = inputs[0];
    if (indices.dtype() != DType::Int32 && indices.dtype() != DType::Int64)
      indices = ops::cast(indices, DType::Int64);
    const Value rows = ops::gather(this->weight(context, embeddings_), indices);
    if (options.mask_zero)
      context.set_mask(rows, ops::not_equal(inputs[0], ops::zeros_like(inputs[0])));
    return {rows};
  }

 protected:
  VariablePtr embeddings_;
};

class EmbeddingLayer final : public TableLayer<EmbeddingLayer, EmbeddingOptions> {
 public:
  std::string class_name() const override { return "Embedding"; }
};

class ReversibleEmbeddingLayer final
    : public TableLayer<ReversibleEmbeddingLayer, ReversibleEmbeddingOptions> {
 public:
  std::string class_name() const override { return "ReversibleEmbedding"; }

  static void fields(auto& self, auto& visit) {
    TableLayer::fields(self, visit);
    visit("tie_weights", self.options.tie_weights);
    visit("reverse_dtype", self.options.reverse_dtype);
    visit("logit_soft_cap", self.options.logit_soft_cap);
  }

  void check_arguments() override {
    TableLayer::check_arguments();
    if (options.logit_soft_cap && !(*options.logit_soft_cap > 0)) {
      throw ValueError(fmt::format("{}: logit_soft_cap is {}; it must be positive", where(),
                                   *options.logit_soft_cap));
    }
    if (options.reverse_dtype && !is_floating(*options.reverse_dtype)) {
      throw DTypeError(fmt::format("{}: reverse_dtype is {}; it must be a floating type", where(),
                                   name_of(*options.reverse_dtype)));
    }
  }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    TableLayer::check_inputs(inputs);
    const Shape& shape = inputs[0].shape;
    if (is_reverse(inputs[0].dtype) && (shape.rank() < 2 || shape[-1] != output_dim)) {
      throw ShapeError(
          fmt::format("{}: input {} cannot go back to indices: its last extent must "
                      "be output_dim, {}",
                      where(), shape.str(), output_dim));
    }
  }

  std::vector<std::string> call_flags(const std::vector<TensorType>& inputs) const override {
    if (is_reverse(inputs[0].dtype)) return {"reverse"};
    return {};
  }

  void build(const std::vector<Shape>& input_shapes) override {
    TableLayer::build(input_shapes);
    if (!options.tie_weights) {
      reverse_embeddings_ = add_weight("reverse_embeddings", {output_dim, input_dim},
                                       {options.embeddings_initializer});
    }
  }

  std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) override {
    Value x = inputs[0];
    if (!is_reverse(x.dtype())) return TableLayer::call(context, inputs);
    Value kernel = weight(context, reverse_embeddings_ ? reverse_embeddings_ : embeddings_);
    if (options.reverse_dtype) {
      x = ops::cast(x, *options.reverse_dtype);
      kernel = ops::cast(kernel, *options.reverse_dtype);
    }
    Value logits = ops::matmul(x, kernel, {.transpose_b = !reverse_embeddings_});
    if (const auto cap = options.logit_soft_cap) logits = ops::tanh(logits / *cap) * *cap;
    return {logits};
  }

 private:
  static bool is_reverse(DType dtype) { return is_floating(dtype); }

  VariablePtr reverse_embeddings_;
};

const RegisterConfigured<EmbeddingLayer> registered("Embedding");
const RegisterConfigured<ReversibleEmbeddingLayer> registered_reversible("ReversibleEmbedding");

template <typename Made, typename Options>
LayerPtr make(std::int64_t input_dim, std::int64_t output_dim, const Options& options) {
  const auto layer = std::make_shared<Made>();
  layer->input_dim = input_dim;
  layer->output_dim = output_dim;
  layer->options = options;
  return finish(layer, options);
}

}  // namespace

LayerPtr Embedding(std::int64_t input_dim, std::int64_t output_dim, EmbeddingOptions options) {
  return make<EmbeddingLayer>(input_dim, output_dim, options);
}

LayerPtr ReversibleEmbedding(std::int64_t input_dim, std::int64_t output_dim,
                             ReversibleEmbeddingOptions options) {
  return make<ReversibleEmbeddingLayer>(input_dim, output_dim, options);
}

}  // namespace sinew::layers
