#include <fmt/format.h>

#include "nn/layers/attention_masks.h"
#include "nn/layers/noise.h"
#include "sinew/ops/ops.h"

namespace sinew::layers {
namespace {

/// Attention and AdditiveAttention differ in their scores: what a query has to do with a key.
template <typename Derived, typename Options>
class ScoredAttention : public ConfiguredLayer<Derived> {
 public:
  bool supports_masking() const override { return true; }
  Options options;

  std::vector<std::string> call_options() const override { return {"use_causal_mask"}; }

  static void fields(auto& self, auto& visit) {
    visit("use_scale", self.options.use_scale);
    visit("dropout", self.options.dropout);
    visit("seed", self.options.seed);
    visit("use_causal_mask", self.options.use_causal_mask);
  }

  void check_arguments() override {
    if (!(options.dropout >= 0.0 && options.dropout < 1.0)) {
      throw ValueError(fmt::format("{}: dropout is {}; it must be at least 0 and below 1",
                                   this->where(), options.dropout));
    }
  }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    if (inputs.size() != 2 && inputs.size() != 3) {
      throw ShapeError(
          fmt::format("{}: takes a query, a value and optionally a key, but {} inputs were given",
                      this->where(), inputs.size()));
    }
    for (const TensorType& input : inputs) {
      this->expect_dtype(input);
      this->expect_rank(input, 3, "(batch, steps, features)");
    }
    const Shape &query = inputs[0].shape, &value = inputs[1].shape, &key = inputs.back().shape;
    const auto differ = [](std::int64_t a, std::int64_t b) {
      return a != b && a != Shape::kUnknown && b != Shape::kUnknown;
    };
    if (differ(query[2], key[2])) {
      throw ShapeError(fmt::format("{}: query {} and key {} must have as many features",
                                   this->where(), query.str(), key.str()));
    }
    if (differ(value[1], key[1])) {
      throw ShapeError(fmt::format("{}: value {} and key {} must have as many steps", this->where(),
                                   value.str(), key.str()));
    }
  }

 protected:
  /// Weighs the values by the scores' softmax (N, T, S).
  Value weigh(CallContext& context, Value scores, Value values) const {
    // As Keras hides a step: its weight is 0 in every floating type.
    if (const Value counts = context.mask(values))
      scores = ops::where(ops::expand_dims(counts, 1), scores, scores - 1e9);
    if (options.use_causal_mask) {
      const Value step = ops::arange(context.graph, scores.dim(1));
      const Value seen = ops::arange(context.graph, scores.dim(2));
      const Value hidden = ops::less(ops::expand_dims(step, 1), ops::expand_dims(seen, 0));
      scores = ops::where(hidden, scores - 1e9, scores);
    }
    const Value weights = ops::softmax(scores);
    return ops::matmul(drop(context, options.seed, options.dropout, weights, weights.shape()),
                       values);
  }
  /// Zeros for the steps of the query that its mask hides.
  static std::vector<Value> shown(const CallContext& context, Value query, Value y) {
    const Value counts = context.mask(query);
    return {counts ? ops::where(ops::expand_dims(counts, 2), y, ops::zeros_like(y)) : y};
  }
  /// tanh of the sum of each query and each key: (N, T, S, features).
  static Value sums(Value query, Value key) {
    return ops::tanh(ops::expand_dims(query, 2) + ops::expand_dims(key, 1));
  }
};

class AttentionLayer final : public ScoredAttention<AttentionLayer, AttentionOptions> {
 public:
  std::string class_name() const override { return "Attention"; }
  static void fields(auto& self, auto& visit) {
    ScoredAttention::fields(self, visit);
    visit("score_mode", self.options.score_mode);
  }
  void check_arguments() override {
    ScoredAttention::check_arguments();
    expect_one_of(*this, "score_mode", options.score_mode, {"dot", "concat"});
  }
  void build(const std::vector<Shape>&) override {
    if (options.use_scale) scale_ = add_weight("scale", {}, {"ones"});
    if (options.score_mode == "concat") concat_ = add_weight("concat_score_weight", {}, {"ones"});
  }
  std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) override {
    Value query = inputs[0], key = inputs.back();
    const Value values = inputs[1];
    if (scale_) query = query * weight(context, scale_);
    if (concat_) {
      if (scale_) key = key * weight(context, scale_);
      const Value scores = ops::sum(sums(query, key), {-1});
      return shown(context, inputs[0], weigh(context, weight(context, concat_) * scores, values));
    }
    if (context.training && options.dropout > 0) {
      const Value scores = ops::matmul(query, key, {.transpose_b = true});
      return shown(context, inputs[0], weigh(context, scores, values));
    }
    const auto one_head = [](Value x) { return ops::expand_dims(x, 2); };
    const Value y = ops::attention(one_head(query), one_head(key), one_head(values),
                                   {.scale = 1.0,
                                    .causal = options.use_causal_mask,
                                    .mask = attention_mask(context, {}, values, {})});
    return shown(context, inputs[0], ops::squeeze(y, 2));
  }

 private:
  VariablePtr scale_;
  VariablePtr concat_;
};

class AdditiveAttentionLayer final
    : public ScoredAttention<AdditiveAttentionLayer, AdditiveAttentionOptions> {
 public:
  std::string class_name() const override { return "AdditiveAttention"; }
  void check_inputs(const std::vector<TensorType>& inputs) const override {
    ScoredAttention::check_inputs(inputs);
    if (scale_) expect_extent(inputs[0], 2, scale_->shape()[0], "features");
  }
  void build(const std::vector<Shape>& input_shapes) override {
    if (options.use_scale)
      scale_ = add_weight("scale", {known_extent(input_shapes[0], 2, "features")});
  }
  std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) override {
    Value terms = sums(inputs[0], inputs.back());
    if (scale_) terms = weight(context, scale_) * terms;
    return shown(context, inputs[0], weigh(context, ops::sum(terms, {-1}), inputs[1]));
  }

 private:
  VariablePtr scale_;
};

const RegisterConfigured<AttentionLayer> registered("Attention");
const RegisterConfigured<AdditiveAttentionLayer> registered_additive("AdditiveAttention");

template <typename Layer, typename Options>
LayerPtr make(const Options& options) {
  const auto layer = std::make_shared<Layer>();
  layer->options = options;
  return finish(layer, options);
}

}  // namespace

LayerPtr Attention(AttentionOptions options) { return make<AttentionLayer>(options); }
LayerPtr AdditiveAttention(AdditiveAttentionOptions options) {
  return make<AdditiveAttentionLayer>(options);
}

}  // namespace sinew::layers
