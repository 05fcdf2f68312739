#pragma once

#include <concepts>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sinew/graph/graph.h"
#include "sinew/nn/identifier.h"

namespace sinew {

/// What a loss computes before it is reduced.
struct LossValues {
  LossValues(Value values, Value mask = {}) : values(values), mask(mask) {}

  Value values;
  /// Bool, of the values' shape: which of them a mean counts; undefined for all.
  Value mask;
};

/// What y_true has to be beside y_pred.
enum class TargetKind {
  /// Numbers of y_pred's shape.
  Values,
  /// One class number for each row of y_pred's last axis.
  ClassNumbers,
  /// Whole numbers of the loss's own kind: identities of samples, sequences of labels.
  Labels,
};

/// How far predictions are from the truth: a name ("mse", "sparse_categorical_crossentropy", …), an
/// identifier with arguments ("CategoricalCrossentropy(label_smoothing=0.1)"), an object of
/// sinew::losses, or a function of (y_true, y_pred) that gives one value a sample.
class Loss {
 public:
  using Function = std::function<LossValues(Value y_true, Value y_pred)>;

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
  /// False for a function of the user's, which may compare anything.
  bool is_known() const { return !identifier_.name.empty(); }
  TargetKind targets() const { return targets_; }
  /// The class number that does not count (SparseCategoricalCrossentropy's ignore_class), if there
  /// is one.
  std::optional<std::int64_t> ignored_class() const;

  /// One value a sample: y_pred's shape without its last axis, unless the loss says otherwise.
  /// Throws ShapeError naming both shapes, and the loss that would fit, when y_true and y_pred do
  /// not go together.
  Value call(Value y_true, Value y_pred) const { return masked_call(y_true, y_pred).values; }
  /// The same with the mask of those that count.
  LossValues masked_call(Value y_true, Value y_pred) const;
  /// call() times `sample_weight` (one a sample, or of call()'s shape), reduced as the argument
  /// `reduction` says: "sum_over_batch_size" and "mean" divide the sum by the number of values that
  /// count, "mean_with_sample_weight" by the sum of the weights as they were given (0 where that is
  /// 0), "sum" by nothing; "none" leaves the values as they are. A mask (Bool, one a sample or of
  /// call()'s shape) leaves values out as LossValues::mask does.
  Value operator()(Value y_true, Value y_pred, Value sample_weight = {}, Value mask = {}) const;

 private:
  Function function_;
  std::string name_;
  Identifier identifier_;
  std::string reduction_ = "sum_over_batch_size";
  TargetKind targets_ = TargetKind::Values;
};

namespace losses {

/// The argument that all losses have.
struct LossOptions {
  std::string reduction = "sum_over_batch_size";
};

}  // namespace losses

/// Names that Loss knows, sorted, aliases included.
std::vector<std::string> loss_names();

}  // namespace sinew
