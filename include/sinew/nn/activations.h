#pragma once

#include <concepts>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sinew/graph/graph.h"
#include "sinew/nn/identifier.h"

namespace sinew {

/// Functions that follow a layer, with Keras 3's definitions, for floating values. Each keeps dtype
/// and, but for glu, shape, and is finite in float32 wherever the function itself is.
namespace activations {

/// x itself.
Value linear(Value x);
Value exponential(Value x);

// Bounded, from 0 to 1 or from -1 to 1.

/// 1 / (1 + e^-x).
Value sigmoid(Value x);
/// clip(x / 6 + 1/2, 0, 1).
Value hard_sigmoid(Value x);
/// clip((x + 1) / 2, 0, 1): the derivative of sparse_plus.
Value sparse_sigmoid(Value x);
/// log(sigmoid(x)).
Value log_sigmoid(Value x);
Value tanh(Value x);
/// clip(x, -1, 1).
Value hard_tanh(Value x);
/// x / (1 + |x|).
Value softsign(Value x);

// Rectifiers: towards x for large x, towards a constant or a small slope for small.

/// max(x, 0).
Value relu(Value x);
struct ReluOptions {
  /// The slope below the threshold.
  double negative_slope = 0.0;
  /// What larger results are cut to.
  std::optional<double> max_value = {};
  /// What is not above it becomes negative_slope * (x - threshold).
  double threshold = 0.0;
};
Value relu(Value x, const ReluOptions& options);
/// min(max(x, 0), 6).
Value relu6(Value x);
/// x where x > 0, else negative_slope * x.
Value leaky_relu(Value x, double negative_slope = 0.2);
/// x where x > 0, else alpha * (e^x - 1).
Value elu(Value x, double alpha = 1.0);
/// x where x > 0, else alpha * (e^(x / alpha) - 1).
Value celu(Value x, double alpha = 1.0);
/// scale * elu(x, alpha) with the constants of Klambauer et al., "Self-normalizing neural
/// networks", 2017.
Value selu(Value x);
/// log(1 + e^x).
Value softplus(Value x);
/// (x + sqrt(x^2 + b)) / 2.
Value squareplus(Value x, double b = 4.0);
/// 0 up to -1, (x + 1)^2 / 4 from there to 1, then x.
Value sparse_plus(Value x);
/// x * sigmoid(x), also called swish.
Value silu(Value x);
/// x * hard_sigmoid(x), also called hard_swish.
Value hard_silu(Value x);
/// x * P(X <= x) for a standard normal X (Hendrycks and Gimpel 2016); `approximate` uses tanh
/// instead of erf.
Value gelu(Value x, bool approximate = false);
/// x * tanh(softplus(x)).
Value mish(Value x);

// Shrinkage: nothing, or little, for small |x|.

/// x where |x| > threshold, else 0.
Value hard_shrink(Value x, double threshold = 0.5);
/// x moved towards 0 by threshold, and not past it.
Value soft_shrink(Value x, double threshold = 0.5);
/// x - tanh(x).
Value tanh_shrink(Value x);
/// x where x > threshold, else default_value.
Value threshold(Value x, double threshold, double default_value);

// Over one axis.

Value softmax(Value x, int axis = -1);
Value log_softmax(Value x, int axis = -1);
/// The nearest probabilities to x, many of them 0 (Martins and Astudillo 2016).
Value sparsemax(Value x, int axis = -1);
/// The first half of the axis times the sigmoid of the second (Dauphin et al. 2017): half as many
/// elements. Throws ShapeError for an odd extent.
Value glu(Value x, int axis = -1);

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
