#include "nn/layers/layer_support.h"

namespace sinew::layers {
namespace {

class LambdaLayer final : public Layer {
 public:
  bool supports_masking() const override { return true; }
  explicit LambdaLayer(std::function<std::vector<Value>(const std::vector<Value>&)> function)
      : function_(std::move(function)) {}

  std::string class_name() const override { return "Lambda"; }

  Attributes config() const override {
    throw ValueError(where() +
                     ": a Lambda layer is a function in the program and cannot be saved. Save the "
                     "weights alone, or "
                     "write a class derived from Layer and register it with RegisterLayer");
  }

  void check_arguments() const {
    if (!function_) throw ValueError(where() + ": the function is empty");
  }

  std::vector<Value> call(CallContext&, const std::vector<Value>& inputs) override {
    return function_(inputs);
  }

 private:
  std::function<std::vector<Value>(const std::vector<Value>&)> function_;
};

}  // namespace

LayerPtr Lambda(std::function<std::vector<Value>(const std::vector<Value>&)> function,
                LayerOptions options) {
  return finish(std::make_shared<LambdaLayer>(std::move(function)), options);
}

LayerPtr Lambda(std::function<Value(Value)> function, LayerOptions options) {
  if (!function)
    return Lambda(std::function<std::vector<Value>(const std::vector<Value>&)>(), options);
  return Lambda(
      [function = std::move(function)](const std::vector<Value>& inputs) {
        if (inputs.size() != 1) {
          throw ShapeError(
              "a Lambda layer of a function of one Value takes one input; give it a function of a "
              "vector");
        }
        return std::vector<Value>{function(inputs[0])};
      },
      options);
}

}  // namespace sinew::layers
