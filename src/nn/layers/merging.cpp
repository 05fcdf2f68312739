#include <fmt/format.h>

#include "nn/layers/layer_support.h"
#include "sinew/ops/ops.h"

namespace sinew::layers {
namespace {

/// Two or more inputs of the layer's dtype.
template <typename Derived>
class MergingLayer : public ConfiguredLayer<Derived> {
 public:
  bool supports_masking() const override { return true; }
  void check_inputs(const std::vector<TensorType>& inputs) const override {
    if (inputs.size() < 2) {
      throw ShapeError(fmt::format("{}: joins two or more inputs, but {} was given", this->where(),
                                   inputs.size()));
    }
    for (const TensorType& input : inputs) this->expect_dtype(input);
  }

 protected:
  std::string all_shapes(const std::vector<TensorType>& inputs) const {
    std::string text;
    for (const TensorType& input : inputs)
      text += (text.empty() ? "" : " and ") + input.shape.str();
    return text;
  }
};

class ConcatenateLayer final : public MergingLayer<ConcatenateLayer> {
 public:
  ConcatenateOptions options;

  std::string class_name() const override { return "Concatenate"; }
  static void fields(auto& self, auto& visit) { visit("axis", self.options.axis); }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    MergingLayer::check_inputs(inputs);
    const Shape& first = inputs[0].shape;
    const int axis = normalize_axis(options.axis, first.rank(), (where() + ": axis").c_str());
    for (const TensorType& input : inputs) {
      bool fits = input.shape.rank() == first.rank();
      for (int i = 0; fits && i < first.rank(); ++i) {
        fits = i == axis || input.shape[i] == first[i] || input.shape[i] == Shape::kUnknown ||
               first[i] == Shape::kUnknown;
      }
      if (!fits) {
        throw ShapeError(fmt::format(
            "{}: inputs of shapes {} cannot be joined along axis {}: all other extents must "
            "agree",
            where(), all_shapes(inputs), options.axis));
      }
    }
  }

  std::vector<Value> call(CallContext&, const std::vector<Value>& inputs) override {
    return {ops::concatenate(inputs, options.axis)};
  }

  /// A step counts where one of its features does; inputs without a mask count everywhere.
  std::vector<Value> compute_mask(CallContext& context, const std::vector<Value>& inputs,
                                  const std::vector<Value>& /*outputs*/) const override {
    std::vector<Value> masks;
    bool any = false;
    for (const Value& input : inputs) {
      Value mask = context.mask(input);
      any = any || mask;
      if (!mask) mask = ops::full(context.graph, input.shape(), 1.0, DType::Bool);
      if (mask.rank() < input.rank())
        mask = ops::broadcast_to(ops::expand_dims(mask, -1), input.shape());
      masks.push_back(mask);
    }
    if (!any) return {Value()};
    const Value counts = ops::cast(ops::concatenate(masks, options.axis), DType::Float32);
    return {ops::greater(ops::max(counts, {-1}), 0.5)};
  }
};

/// Layers that combine their inputs element by element: `Derived::merge` names the operation, and
/// `Derived::kVerb` what an error says it does.
template <typename Derived>
class ElementwiseMergingLayer : public MergingLayer<Derived> {
 public:
  static void fields(auto&, auto&) {}

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    MergingLayer<Derived>::check_inputs(inputs);
    const Shape& first = inputs[0].shape;
    for (const TensorType& input : inputs) {
      bool fits = input.shape.rank() == first.rank();
      for (int i = 0; fits && i < first.rank(); ++i) {
        const auto free = [](std::int64_t extent) {
          return extent == Shape::kUnknown || extent == 1;
        };
        fits = input.shape[i] == first[i] || free(input.shape[i]) || free(first[i]);
      }
      if (!fits) {
        throw ShapeError(
            fmt::format("{}: inputs of shapes {} cannot be {}: extents must agree, or be 1",
                        this->where(), this->all_shapes(inputs), Derived::kVerb));
      }
    }
  }

  /// A step counts where it does in one of the inputs, if all have masks.
  std::vector<Value> compute_mask(CallContext& context, const std::vector<Value>& inputs,
                                  const std::vector<Value>& /*outputs*/) const override {
    Value mask = context.mask(inputs[0]);
    for (std::size_t i = 1; mask && i < inputs.size(); ++i) {
      const Value other = context.mask(inputs[i]);
      mask = other ? ops::logical_or(mask, other) : Value();
    }
    return {mask};
  }

  std::vector<Value> call(CallContext&, const std::vector<Value>& inputs) override {
    Value result = inputs[0];
    for (std::size_t i = 1; i < inputs.size(); ++i) result = Derived::merge(result, inputs[i]);
    return {result};
  }
};

class AddLayer final : public ElementwiseMergingLayer<AddLayer> {
 public:
  static constexpr const char* kVerb = "added";
  std::string class_name() const override { return "Add"; }
  static Value merge(Value a, Value b) { return a + b; }
};

class SubtractLayer final : public ElementwiseMergingLayer<SubtractLayer> {
 public:
  static constexpr const char* kVerb = "subtracted";
  std::string class_name() const override { return "Subtract"; }
  static Value merge(Value a, Value b) { return a - b; }
  void check_inputs(const std::vector<TensorType>& inputs) const override {
    expect_inputs(2, inputs);
    ElementwiseMergingLayer::check_inputs(inputs);
  }
};

class MultiplyLayer final : public ElementwiseMergingLayer<MultiplyLayer> {
 public:
  static constexpr const char* kVerb = "multiplied";
  std::string class_name() const override { return "Multiply"; }
  static Value merge(Value a, Value b) { return a * b; }
};

class AverageLayer final : public ElementwiseMergingLayer<AverageLayer> {
 public:
  static constexpr const char* kVerb = "averaged";
  std::string class_name() const override { return "Average"; }
  static Value merge(Value a, Value b) { return a + b; }
  std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) override {
    const Value sum = ElementwiseMergingLayer::call(context, inputs)[0];
    return {sum / static_cast<double>(inputs.size())};
  }
};

class MaximumLayer final : public ElementwiseMergingLayer<MaximumLayer> {
 public:
  static constexpr const char* kVerb = "compared";
  std::string class_name() const override { return "Maximum"; }
  static Value merge(Value a, Value b) { return ops::maximum(a, b); }
};

class MinimumLayer final : public ElementwiseMergingLayer<MinimumLayer> {
 public:
  static constexpr const char* kVerb = "compared";
  std::string class_name() const override { return "Minimum"; }
  static Value merge(Value a, Value b) { return ops::minimum(a, b); }
};

const RegisterConfigured<ConcatenateLayer> registered_concatenate("Concatenate");
const RegisterConfigured<AddLayer> registered_add("Add");
const RegisterConfigured<SubtractLayer> registered_subtract("Subtract");
const RegisterConfigured<MultiplyLayer> registered_multiply("Multiply");
const RegisterConfigured<AverageLayer> registered_average("Average");
const RegisterConfigured<MaximumLayer> registered_maximum("Maximum");
const RegisterConfigured<MinimumLayer> registered_minimum("Minimum");

}  // namespace

LayerPtr Concatenate(ConcatenateOptions options) {
  const auto layer = std::make_shared<ConcatenateLayer>();
  layer->options = options;
  return finish(layer, options);
}

LayerPtr Add(LayerOptions options) { return finish(std::make_shared<AddLayer>(), options); }
LayerPtr Subtract(LayerOptions options) {
  return finish(std::make_shared<SubtractLayer>(), options);
}
LayerPtr Multiply(LayerOptions options) {
  return finish(std::make_shared<MultiplyLayer>(), options);
}
LayerPtr Average(LayerOptions options) { return finish(std::make_shared<AverageLayer>(), options); }
LayerPtr Maximum(LayerOptions options) { return finish(std::make_shared<MaximumLayer>(), options); }
LayerPtr Minimum(LayerOptions options) { return finish(std::make_shared<MinimumLayer>(), options); }

}  // namespace sinew::layers
