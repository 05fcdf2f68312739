#pragma once

#include <concepts>
#include <functional>
#include <string>
#include <vector>

#include "sinew/graph/graph.h"
#include "sinew/nn/identifier.h"

namespace sinew {

/// What a weight must fulfil: every update by the optimizer is followed, within the step, by moving
/// the weight to where it does. "max_norm", "non_neg", …, an identifier such as
/// "MaxNorm(max_value=3.0)", an object of sinew::constraints, or a function from the weight to what
/// takes its place. The default is none.
class Constraint {
 public:
  Constraint() = default;
  /// Throws ValueError naming the nearest known constraint, or the nearest argument. "" is none.
  Constraint(const char* identifier) : Constraint(std::string(identifier)) {}
  Constraint(const std::string& identifier);
  Constraint(Identifier identifier);
  template <std::invocable<Value> Function>
  Constraint(Function function) : function_(std::move(function)) {}

  explicit operator bool() const { return static_cast<bool>(function_); }
  /// What takes the weight's place, of its shape and dtype.
  Value operator()(Value weight) const { return function_(weight); }
  /// Such as `MaxNorm(axis=0, max_value=2.0)`, or "" when there is none; throws ValueError for a
  /// function without a name.
  std::string identifier() const;

 private:
  std::function<Value(Value)> function_;
  Identifier identifier_;
};

/// Keras's constraints. Norms are Euclidean, over `axis`: a Dense kernel's 0 takes each unit's
/// inputs, a convolution's {0, 1, 2} each filter.
namespace constraints {

struct MaxNormOptions {
  double max_value = 2.0;
  std::vector<std::int64_t> axis = {0};
};
/// Scales down what has a larger norm (Srivastava et al. 2014).
Constraint MaxNorm(MaxNormOptions options = {});

struct MinMaxNormOptions {
  double min_value = 0.0;
  double max_value = 1.0;
  /// How far a norm moves in one step from where it is (0) to the bound (1).
  double rate = 1.0;
  std::vector<std::int64_t> axis = {0};
};
/// Scales what has a norm outside [min_value, max_value].
Constraint MinMaxNorm(MinMaxNormOptions options = {});
/// Negative elements become 0.
Constraint NonNeg();
/// Scales norms to 1.
Constraint UnitNorm(std::vector<std::int64_t> axis = {0});

}  // namespace constraints

/// Names that Constraint knows, sorted.
std::vector<std::string> constraint_names();

}  // namespace sinew
