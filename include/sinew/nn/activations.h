#pragma once

#include <concepts>
#include <functional>
#include <string>
#include <vector>

#include "sinew/graph/graph.h"
#include "sinew/nn/identifier.h"

namespace sinew {

/// Element-wise functions that follow a layer, with Keras 3's definitions. Each keeps shape and
/// dtype (floating).
namespace activations {

Value linear(Value x);
Value relu(Value x);
/// min(max(x, 0), 6).
Value relu6(Value x);
/// x where x > 0, else negative_slope * x.
Value leaky_relu(Value x, double negative_slope = 0.2);
/// x where x > 0, else alpha * (e^x - 1).
Value elu(Value x, double alpha = 1.0);
/// scale * elu(x, alpha) with the constants of Klambauer et al., "Self-normalizing neural
/// networks", 2017.
Value selu(Value x);
Value sigmoid(Value x);
/// clip(x / 6 + 1/2, 0, 1).
Value hard_sigmoid(Value x);
Value tanh(Value x);
/// Over one axis.
Value softmax(Value x, int axis = -1);
Value log_softmax(Value x, int axis = -1);
/// log(1 + e^x), without overflow.
Value softplus(Value x);
/// x / (1 + |x|).
Value softsign(Value x);
/// x * sigmoid(x), also called swish.
Value silu(Value x);
/// x * P(X <= x) for a standard normal X (Hendrycks and Gimpel 2016); `approximate` uses tanh
/// instead of erf.
Value gelu(Value x, bool approximate = false);
/// x * tanh(softplus(x)).
Value mish(Value x);
Value exponential(Value x);

}  // namespace activations

/// An activation as an option takes it: a name such as "relu", "gelu(approximate=true)" or
/// "leaky_relu", or any function of a Value. The default is "linear". A function has no name that a
/// file could keep: identifier() throws.
class ActivationFunction {
 public:
  ActivationFunction() : ActivationFunction("linear") {}
  /// Throws ValueError naming the nearest known activation, or the nearest argument.
  ActivationFunction(const char* identifier) : ActivationFunction(std::string(identifier)) {}
  ActivationFunction(const std::string& identifier);
  template <std::invocable<Value> Function>
  ActivationFunction(Function function) : function_(std::move(function)) {}

  Value operator()(Value x) const { return function_(x); }
  /// Text that makes the same activation again; throws ValueError for a function without a name.
  std::string identifier() const;
  /// Whether this is the activation of that name with default arguments.
  bool is(const char* name) const;

 private:
  std::function<Value(Value)> function_;
  Identifier identifier_;
};

/// Names that ActivationFunction knows, sorted.
std::vector<std::string> activation_names();

}  // namespace sinew
