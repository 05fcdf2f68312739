#include <fmt/format.h>

#include "nn/layers/layer_support.h"
#include "sinew/ops/ops.h"

namespace sinew::layers {
namespace {

/// Two or more inputs of the layer's dtype.
template <typename Derived>
class MergingLayer : public ConfiguredLayer<Derived> {
 public:
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
};

class AddLayer final : public MergingLayer<AddLayer> {
 public:
  std::string class_name() const override { return "Add"; }
  static void fields(auto&, auto&) {}

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    MergingLayer::check_inputs(inputs);
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
            fmt::format("{}: inputs of shapes {} cannot be added: extents must agree, or be 1",
                        where(), all_shapes(inputs)));
      }
    }
  }

  std::vector<Value> call(CallContext&, const std::vector<Value>& inputs) override {
    Value sum = inputs[0];
    for (std::size_t i = 1; i < inputs.size(); ++i) sum = sum + inputs[i];
    return {sum};
  }
};

const RegisterConfigured<ConcatenateLayer> registered_concatenate("Concatenate");
const RegisterConfigured<AddLayer> registered_add("Add");

}  // namespace

LayerPtr Concatenate(ConcatenateOptions options) {
  const auto layer = std::make_shared<ConcatenateLayer>();
  layer->options = options;
  return finish(layer, options);
}

LayerPtr Add(LayerOptions options) { return finish(std::make_shared<AddLayer>(), options); }

}  // namespace sinew::layers
