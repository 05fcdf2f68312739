#include <fmt/format.h>

#include "nn/layers/attention_masks.h"
#include "nn/layers/noise.h"
#include "sinew/ops/ops.h"

namespace sinew::layers {
namespace {

class GroupQueryAttentionLayer final : public ConfiguredLayer<GroupQueryAttentionLayer> {
 public:
  bool supports_masking() const override { return true; }
  std::int64_t head_dim = 0;
  std::int64_t num_query_heads = 0;
  std::int64_t num_key_value_heads = 0;
  GroupQueryAttentionOptions options;

  /// As Keras's files have it: there the class is called so, and exported as GroupQueryAttention.
  std::string class_name() const override { return "GroupQueryAttention"; }

  static void fields(auto& self, auto& visit) {
    visit.required("head_dim", self.head_dim);
    visit.required("num_query_heads", self.num_query_heads);
    visit.required("num_key_value_heads", self.num_key_value_heads);
    visit("dropout", self.options.dropout);
    visit("use_bias", self.options.use_bias);
    visit("use_gate", self.options.use_gate);
    visit("sliding_window", self.options.sliding_window);
    visit("use_causal_mask", self.options.use_causal_mask);
    kernel_and_bias_fields(self, visit);
    visit("seed", self.options.seed);
  }

  std::vector<std::string> call_options() const override { return {"use_causal_mask"}; }
  std::vector<CallArgument> call_arguments(const std::vector<TensorType>& inputs) const override {
    std::vector<CallArgument> arguments(2);
    if (inputs.size() > 2) arguments.push_back({"key"});
    return arguments;
  }

  void check_arguments() override {
    expect_at_least(*this, "head_dim", head_dim, 1);
    expect_at_least(*this, "num_query_heads", num_query_heads, 1);
    expect_at_least(*this, "num_key_value_heads", num_key_value_heads, 1);
    if (options.sliding_window)
      expect_at_least(*this, "sliding_window", *options.sliding_window, 1);
    if (num_query_heads % num_key_value_heads != 0) {
      throw ValueError(
          fmt::format("{}: {} query heads cannot share {} heads of keys and values equally",
                      where(), num_query_heads, num_key_value_heads));
    }
    if (!(options.dropout >= 0.0 && options.dropout < 1.0)) {
      throw ValueError(fmt::format("{}: dropout is {}; it must be at least 0 and below 1", where(),
                                   options.dropout));
    }
  }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    if (inputs.size() != 2 && inputs.size() != 3) {
      throw ShapeError(
          fmt::format("{}: takes a query, a value and optionally a key, but {} inputs were given",
                      where(), inputs.size()));
    }
    for (const TensorType& input : inputs) {
      expect_dtype(input);
      expect_rank(input, 3, "(batch, steps, features)");
    }
    const Shape &value = inputs[1].shape, &key = inputs.back().shape;
    if (value[1] != key[1] && value[1] != Shape::kUnknown && key[1] != Shape::kUnknown) {
      throw ShapeError(fmt::format("{}: value {} and key {} must have as many steps", where(),
                                   value.str(), key.str()));
    }
    if (!query_.kernel) return;
    expect_extent(inputs[0], 2, query_.kernel->shape()[0], "features");
    expect_extent(inputs[1], 2, value_.kernel->shape()[0], "features");
    expect_extent(inputs.back(), 2, key_.kernel->shape()[0], "features");
  }

  void build(const std::vector<Shape>& inputs) override {
    const std::int64_t features = known_extent(inputs[0], 2, "features");
    const Shape heads{num_query_heads, head_dim}, shared{num_key_value_heads, head_dim};
    query_ = projection("query", features, heads);
    key_ = projection("key", known_extent(inputs.back(), 2, "features"), shared);
    if (options.use_gate) gate_ = projection("gate", features, heads);
    value_ = projection("value", known_extent(inputs[1], 2, "features"), shared);
    const std::int64_t joined = heads.numel();
    output_.kernel = add_weight("attention_output/kernel", {num_query_heads, head_dim, features},
                                kernel_options(joined, features));
    if (options.use_bias) {
      output_.bias =
          add_weight("attention_output/bias", {features},
                     {options.bias_initializer, options.bias_regularizer, options.bias_constraint});
    }
  }

  std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) override {
    const Value q = project(context, inputs[0], query_);
    const Value k = repeated(project(context, inputs.back(), key_));
    const Value v = repeated(project(context, inputs[1], value_));
    ops::AttentionOptions attention{.causal = options.use_causal_mask};
    if (options.sliding_window) attention.mask = window(context, q.dim(1), k.dim(1));
    attention.mask = attention_mask(context, inputs[0], inputs[1],
                                    inputs.size() > 2 ? inputs[2] : Value(), attention.mask);
    Value y;
    if (context.training && options.dropout > 0) {
      const Value weights = ops::attention_weights(q, k, attention);
      y = ops::attend(drop(context, options.seed, options.dropout, weights, weights.shape()), v);
    } else {
      y = ops::attention(q, k, v, attention);
    }
    if (options.use_gate) y = y * ops::sigmoid(project(context, inputs[0], gate_));
    y = ops::einsum("bqhd,hdm->bqm", y, weight(context, output_.kernel));
    if (output_.bias) y = y + weight(context, output_.bias);
    add_activity_loss(context, options.activity_regularizer, y);
    return {y};
  }

 private:
  struct Projection {
    VariablePtr kernel;
    VariablePtr bias;
  };

  WeightOptions kernel_options(std::int64_t in, std::int64_t out) const {
    return {with_fans(options.kernel_initializer, in, out), options.kernel_regularizer,
            options.kernel_constraint};
  }

  /// To (heads, head_dim).
  Projection projection(const std::string& name, std::int64_t features, const Shape& heads) {
    Projection result;
    result.kernel = add_weight(name + "/kernel", heads.prepend(features),
                               kernel_options(features, heads.numel()));
    if (options.use_bias) {
      result.bias =
          add_weight(name + "/bias", heads,
                     {options.bias_initializer, options.bias_regularizer, options.bias_constraint});
    }
    return result;
  }

  Value project(CallContext& context, Value x, const Projection& projection) {
    Value y = ops::einsum("btm,mhd->bthd", x, weight(context, projection.kernel));
    if (projection.bias) y = y + weight(context, projection.bias);
    add_activity_loss(context, options.activity_regularizer, y);
    return y;
  }

  /// Each head as often as queries share it.
  Value repeated(Value x) const {
    const std::int64_t times = num_query_heads / num_key_value_heads;
    if (times == 1) return x;
    const Value wide = ops::expand_dims(x, 3);
    return ops::reshape(ops::broadcast_to(wide, wide.shape().with(3, times)),
                        x.shape().with(2, num_query_heads));
  }

  /// (1, 1, T, S): true where steps are less than the window apart.
  Value window(CallContext& context, std::int64_t queries, std::int64_t keys) const {
    Tensor seen(Shape{1, 1, queries, keys}, DType::Bool);
    for (std::int64_t t = 0; t < queries; ++t) {
      for (std::int64_t s = 0; s < keys; ++s) {
        seen.data<bool>()[static_cast<std::size_t>(t * keys + s)] =
            (t > s ? t - s : s - t) < *options.sliding_window;
      }
    }
    return context.graph.constant(std::move(seen));
  }

  Projection query_, key_, gate_, value_, output_;
};

const RegisterConfigured<GroupQueryAttentionLayer> registered("GroupQueryAttention");

}  // namespace

LayerPtr GroupQueryAttention(std::int64_t head_dim, std::int64_t num_query_heads,
                             std::int64_t num_key_value_heads, GroupQueryAttentionOptions options) {
  const auto layer = std::make_shared<GroupQueryAttentionLayer>();
  layer->head_dim = head_dim;
  layer->num_query_heads = num_query_heads;
  layer->num_key_value_heads = num_key_value_heads;
  layer->options = options;
  return finish(layer, options);
}

}  // namespace sinew::layers
