#pragma once

#include <concepts>
#include <functional>
#include <string>
#include <vector>

#include "sinew/graph/graph.h"
#include "sinew/nn/identifier.h"

namespace sinew {

/// How far predictions are from the truth: a name ("mse", "sparse_categorical_crossentropy", …), an
/// identifier with arguments ("CategoricalCrossentropy(label_smoothing=0.1)"), an object of
/// sinew::losses, or a function of (y_true, y_pred) that gives one value a sample.
class Loss {
 public:
  using Function = std::function<Value(Value y_true, Value y_pred)>;

  Loss() = default;
  /// Throws ValueError naming the nearest known loss, or the nearest argument.
  Loss(const char* identifier) : Loss(std::string(identifier)) {}
  Loss(const std::string& identifier);
  Loss(Identifier identifier);
  template <std::invocable<Value, Value> F>
  Loss(F function, std::string name = "loss")
      : function_(std::move(function)), name_(std::move(name)) {}

  bool defined() const { return static_cast<bool>(function_); }
  explicit operator bool() const { return defined(); }
  /// Keras's function name, such as "mean_squared_error".
  const std::string& name() const { return name_; }
  /// Such as `MeanSquaredError`; throws ValueError for a function without a name.
  std::string identifier() const;

  /// One value a sample: y_pred's shape without its last axis. Throws ShapeError naming both
  /// shapes, and the loss that would fit, when y_true and y_pred do not go together.
  Value call(Value y_true, Value y_pred) const;
  /// call() times `sample_weight` (one a sample, or of call()'s shape), reduced to a scalar: the
  /// sum over the number of values, as Keras's "sum_over_batch_size" (and its alias "mean"), unless
  /// the argument `reduction` says "sum" or "mean_with_sample_weight" (divided by the sum of the
  /// weights as they were given; 0 where that is 0).
  Value operator()(Value y_true, Value y_pred, Value sample_weight = {}) const;

 private:
  Function function_;
  std::string name_;
  Identifier identifier_;
  std::string reduction_ = "sum_over_batch_size";
};

/// Keras's losses as objects. y_true and y_pred have the same shape (N, …, d) unless said
/// otherwise; the value of a sample is the mean over the last axis.
namespace losses {

struct RegressionOptions {
  std::string reduction = "sum_over_batch_size";
};
struct CrossentropyOptions {
  /// y_pred are logits, not probabilities. Where y_pred comes straight out of a softmax or a
  /// sigmoid, its logits are used whatever this says: the same value, without the loss of
  /// precision.
  bool from_logits = false;
  /// Moves the labels towards the uniform distribution (Szegedy et al. 2016): y (1 - s) + s /
  /// classes.
  double label_smoothing = 0.0;
  std::string reduction = "sum_over_batch_size";
};
struct SparseCrossentropyOptions {
  bool from_logits = false;
  std::string reduction = "sum_over_batch_size";
};

/// mean((y_true - y_pred)^2).
Loss MeanSquaredError(RegressionOptions options = {});
/// mean(|y_true - y_pred|).
Loss MeanAbsoluteError(RegressionOptions options = {});
/// mean(-y log p - (1 - y) log(1 - p)), p clipped to [1e-7, 1 - 1e-7].
Loss BinaryCrossentropy(CrossentropyOptions options = {});
/// -sum(y log p) over classes: y_true (N, …, classes) holds probabilities (one-hot labels).
Loss CategoricalCrossentropy(CrossentropyOptions options = {});
/// -log p[y]: y_true (N, …) or (N, …, 1) holds class numbers, y_pred (N, …, classes).
Loss SparseCategoricalCrossentropy(SparseCrossentropyOptions options = {});

}  // namespace losses

/// Names that Loss knows, sorted, aliases included.
std::vector<std::string> loss_names();

}  // namespace sinew
