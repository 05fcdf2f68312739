#include <fmt/format.h>

#include <cmath>

#include "nn/layers/attention_masks.h"
#include "nn/layers/noise.h"
#include "sinew/ops/ops.h"

namespace sinew::layers {
namespace {

class MultiHeadAttentionLayer final : public ConfiguredLayer<MultiHeadAttentionLayer> {
 public:
  bool supports_masking() const override { return true; }
  std::int64_t num_heads = 0;
  std::int64_t key_dim = 0;
  MultiHeadAttentionOptions options;

  std::string class_name() const override { return "MultiHeadAttention"; }

  static void fields(auto& self, auto& visit) {
    visit.required("num_heads", self.num_heads);
    visit.required("key_dim", self.key_dim);
    visit("value_dim", self.options.value_dim);
    visit("dropout", self.options.dropout);
    visit("use_bias", self.options.use_bias);
    visit.only_newer("use_gate", false);
    visit("output_shape", self.options.output_shape);
    visit("attention_axes", self.options.attention_axes);
    visit("flash_attention", self.options.flash_attention);
    visit("use_causal_mask", self.options.use_causal_mask);
    kernel_and_bias_fields(self, visit);
    visit("seed", self.options.seed);
  }

  std::vector<std::string> call_options() const override { return {"use_causal_mask"}; }
  std::vector<CallArgument> call_arguments(const std::vector<TensorType>& inputs) const override {
    std::vector<CallArgument> arguments(2);
    if (key_input(inputs) > 1) arguments.push_back({"key"});
    if (has_mask(inputs)) arguments.push_back({"attention_mask"});
    return arguments;
  }

  void check_arguments() override {
    expect_at_least(*this, "num_heads", num_heads, 1);
    expect_at_least(*this, "key_dim", key_dim, 1);
    if (options.value_dim) expect_at_least(*this, "value_dim", *options.value_dim, 1);
    for (std::int64_t extent : options.output_shape)
      expect_at_least(*this, "output_shape", extent, 1);
    if (!(options.dropout >= 0.0 && options.dropout < 1.0)) {
      throw ValueError(fmt::format("{}: dropout is {}; it must be at least 0 and below 1", where(),
                                   options.dropout));
    }
    if (options.flash_attention.value_or(false) && options.dropout > 0.0) {
      throw ValueError(where() +
                       ": flash attention has no dropout; set dropout to 0, or leave "
                       "flash_attention out");
    }
    for (std::int64_t axis : options.attention_axes) {
      if (options.attention_axes.size() > 1 || (axis != 1 && axis != -2)) {
        throw ValueError(where() + ": attention_axes must be 1, the axis of steps");
      }
    }
  }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    const std::size_t tensors = inputs.size() - (has_mask(inputs) ? 1 : 0);
    if (tensors != 2 && tensors != 3) {
      throw ShapeError(
          fmt::format("{}: takes a query, a value, optionally a key and, last, a bool mask, but {} "
                      "inputs were given",
                      where(), inputs.size()));
    }
    for (std::size_t i = 0; i < tensors; ++i) {
      expect_dtype(inputs[i]);
      expect_rank(inputs[i], 3, "(batch, steps, features)");
    }
    const Shape &value = inputs[1].shape, &key = inputs[key_input(inputs)].shape;
    if (value[1] != key[1] && value[1] != Shape::kUnknown && key[1] != Shape::kUnknown) {
      throw ShapeError(fmt::format("{}: value {} and key {} must have as many steps", where(),
                                   value.str(), key.str()));
    }
    if (!projections_[kQuery].kernel) return;
    expect_extent(inputs[0], 2, projections_[kQuery].kernel->shape()[0], "features");
    expect_extent(inputs[1], 2, projections_[kValue].kernel->shape()[0], "features");
    expect_extent(inputs[key_input(inputs)], 2, projections_[kKey].kernel->shape()[0], "features");
  }

  void build_for(const std::vector<TensorType>& inputs) override {
    const std::int64_t features = known_extent(inputs[0].shape, 2, "features");
    const std::int64_t values = known_extent(inputs[1].shape, 2, "features");
    const std::int64_t keys = known_extent(inputs[key_input(inputs)].shape, 2, "features");
    const std::int64_t width = options.value_dim.value_or(key_dim);
    const std::vector<std::int64_t> result =
        options.output_shape.empty() ? std::vector{features} : options.output_shape;
    std::vector<std::int64_t> last{num_heads, width};
    last.insert(last.end(), result.begin(), result.end());
    add_projection(kQuery, "query", {features, num_heads, key_dim}, {num_heads, key_dim});
    add_projection(kKey, "key", {keys, num_heads, key_dim}, {num_heads, key_dim});
    add_projection(kValue, "value", {values, num_heads, width}, {num_heads, width});
    add_projection(kOutput, "attention_output", Shape(last), Shape(result));
  }

  std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) override {
    std::vector<TensorType> types;
    for (const Value& input : inputs) types.push_back(input.type());
    const Value q = project(context, inputs[0], kQuery, 1);
    const Value k = project(context, inputs[key_input(types)], kKey, 1);
    const Value v = project(context, inputs[1], kValue, 1);
    ops::AttentionOptions attention;
    attention.causal = options.use_causal_mask;
    attention.mask =
        attention_mask(context, inputs[0], inputs[1], key_input(types) > 1 ? inputs[2] : Value(),
                       has_mask(types) ? with_heads(inputs.back()) : Value());
    const Value y = attend(context, q, k, v, attention);
    return {project(context, y, kOutput, 2)};
  }

 private:
  enum Role { kQuery, kKey, kValue, kOutput };
  struct Projection {
    VariablePtr kernel;
    VariablePtr bias;
  };

  static bool has_mask(const std::vector<TensorType>& inputs) {
    return inputs.size() > 2 && inputs.back().dtype == DType::Bool;
  }
  static std::size_t key_input(const std::vector<TensorType>& inputs) {
    return inputs.size() - (has_mask(inputs) ? 1 : 0) > 2 ? 2 : 1;
  }
  /// (N, T, S) -> (N, 1, T, S): one mask for all heads.
  static Value with_heads(Value mask) {
    return mask.rank() == 3 ? ops::expand_dims(mask, 1) : mask;
  }

  void add_projection(Role role, const std::string& name, const Shape& kernel, const Shape& bias) {
    projections_[role].kernel = add_weight(
        name + "/kernel", kernel,
        {options.kernel_initializer, options.kernel_regularizer, options.kernel_constraint});
    if (options.use_bias) {
      projections_[role].bias =
          add_weight(name + "/bias", bias,
                     {options.bias_initializer, options.bias_regularizer, options.bias_constraint});
    }
  }

  /// The last `contracted` axes of x times the kernel, plus the bias: one flat product.
  Value project(CallContext& context, Value x, Role role, int contracted) {
    const Projection& p = projections_[role];
    const Shape& kernel = p.kernel->shape();
    std::vector<std::int64_t> dims(x.shape().begin(), x.shape().end() - contracted);
    dims.insert(dims.end(), kernel.begin() + contracted, kernel.end());
    std::int64_t inner = 1;
    for (int axis = 0; axis < contracted; ++axis) inner *= kernel[axis];
    const std::int64_t columns = kernel.numel() / inner;
    Value y = ops::matmul(ops::reshape(x, {x.shape().numel() / inner, inner}),
                          ops::reshape(weight(context, p.kernel), {inner, columns}));
    if (p.bias) y = y + ops::reshape(weight(context, p.bias), {columns});
    y = ops::reshape(y, Shape(dims));
    add_activity_loss(context, options.activity_regularizer, y);
    return y;
  }

  Value attend(CallContext& context, Value q, Value k, Value v,
               const ops::AttentionOptions& attention) const {
    if (!context.training || options.dropout == 0.0) return ops::attention(q, k, v, attention);
    const Value weights = ops::attention_weights(q, k, attention);
    return ops::attend(drop(context, options.seed, options.dropout, weights, weights.shape()), v);
  }

  Projection projections_[4];
};

const RegisterConfigured<MultiHeadAttentionLayer> registered("MultiHeadAttention");

}  // namespace

LayerPtr MultiHeadAttention(std::int64_t num_heads, std::int64_t key_dim,
                            MultiHeadAttentionOptions options) {
  const auto layer = std::make_shared<MultiHeadAttentionLayer>();
  layer->num_heads = num_heads;
  layer->key_dim = key_dim;
  layer->options = options;
  return finish(layer, options);
}

}  // namespace sinew::layers
