#pragma once

#include <concepts>
#include <functional>
#include <string>

#include "sinew/graph/graph.h"
#include "sinew/nn/identifier.h"

namespace sinew {

/// A penalty on a weight that is added to the loss: "l1" or "l2" (Keras's default 0.01), "l1_l2",
/// "orthogonal_regularizer", an identifier such as "L2(l2=0.001)", an object of
/// sinew::regularizers, or a function from the weight to a scalar. The default is none.
class Regularizer {
 public:
  Regularizer() = default;
  /// Throws ValueError naming the nearest known regularizer, or the nearest argument. "" is none.
  Regularizer(const char* identifier) : Regularizer(std::string(identifier)) {}
  Regularizer(const std::string& identifier);
  Regularizer(Identifier identifier);
  template <std::invocable<Value> Function>
  Regularizer(Function function) : function_(std::move(function)) {}

  explicit operator bool() const { return static_cast<bool>(function_); }
  /// The penalty, a scalar of the weight's dtype.
  Value operator()(Value weight) const { return function_(weight); }
  /// Such as `L2(l2=0.01)`, or "" when there is none; throws ValueError for a function without a
  /// name.
  std::string identifier() const;

 private:
  std::function<Value(Value)> function_;
  Identifier identifier_;
};

namespace regularizers {

/// l1 * sum |w|.
Regularizer L1(double l1 = 0.01);
/// l2 * sum w^2.
Regularizer L2(double l2 = 0.01);
Regularizer L1L2(double l1 = 0.0, double l2 = 0.0);
/// factor * the mean of |cos| of the angles between all pairs of a matrix's "rows" or "columns".
Regularizer OrthogonalRegularizer(double factor = 0.01, std::string mode = "rows");

}  // namespace regularizers
}  // namespace sinew
