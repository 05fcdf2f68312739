#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sinew/nn/layer.h"
#include "sinew/nn/losses.h"

namespace sinew {

/// A figure that is gathered over the batches of an epoch: its state lives in variables that the
/// step itself updates, so that nothing is read back between steps.
class Metric {
 public:
  explicit Metric(std::string name) : name_(std::move(name)) {}
  virtual ~Metric() = default;
  Metric(const Metric&) = delete;
  Metric& operator=(const Metric&) = delete;

  /// Keras's default, such as "mean_squared_error", or as the user called it ("accuracy").
  const std::string& name() const { return name_; }
  void set_name(std::string name) { name_ = std::move(name); }
  /// Such as `TopKCategoricalAccuracy(k=3)`; throws ValueError for a metric that cannot be made
  /// again from text.
  virtual std::string identifier() const = 0;

  /// Appends the state's updates for one batch to the context's graph. `sample_weight` is one a
  /// sample, or undefined.
  virtual void update(CallContext& context, Value y_true, Value y_pred,
                      Value sample_weight = {}) = 0;
  /// From the state as it is now; NaN-free: 0 before the first update.
  virtual double result() const = 0;
  /// Back to the state before the first update.
  virtual void reset();
  const std::vector<VariablePtr>& variables() const { return variables_; }

 protected:
  VariablePtr add_variable(const std::string& name, DType dtype = DType::Float64, Shape shape = {});

 private:
  std::string name_;
  std::vector<VariablePtr> variables_;
};

/// Weighted mean of values, in Float64; other metrics are means of a function of (y_true, y_pred).
class MeanMetric : public Metric {
 public:
  using Function = std::function<Value(Value y_true, Value y_pred)>;

  explicit MeanMetric(std::string name = "mean");
  /// `values`: one value a sample. An empty identifier means that the function has no name to save
  /// it by.
  MeanMetric(std::string name, Function values, Identifier identifier = {});

  std::string identifier() const override;
  void update(CallContext& context, Value y_true, Value y_pred, Value sample_weight = {}) override;
  /// The same for values that are there already (the loss): `weights` is broadcast, or undefined
  /// for ones.
  void update_values(CallContext& context, Value values, Value weights = {});
  double result() const override;

 private:
  Function values_;
  Identifier identifier_;
  VariablePtr total_;
  VariablePtr count_;
};

/// A metric as `compile` takes it: a name ("accuracy", "mse", …), an identifier
/// ("TopKCategoricalAccuracy(k=3)"), an object of sinew::metrics, or a function of (y_true, y_pred)
/// that gives one value a sample.
class MetricPtr : public std::shared_ptr<Metric> {
 public:
  using std::shared_ptr<Metric>::shared_ptr;
  MetricPtr(std::shared_ptr<Metric> metric) : std::shared_ptr<Metric>(std::move(metric)) {}
  /// Throws ValueError naming the nearest known metric. "accuracy" and "acc" stay unresolved until
  /// resolve().
  MetricPtr(const char* identifier) : MetricPtr(std::string(identifier)) {}
  MetricPtr(const std::string& identifier);
  template <std::invocable<Value, Value> F>
  MetricPtr(F function, std::string name = "metric")
      : std::shared_ptr<Metric>(
            std::make_shared<MeanMetric>(std::move(name), MeanMetric::Function(function))) {}

  /// The metric itself, or for "accuracy" the one that fits the shapes, as Keras: binary when
  /// y_pred's last extent is 1, sparse when y_true has class numbers, categorical otherwise.
  std::shared_ptr<Metric> resolve(const TensorType& y_true, const TensorType& y_pred) const;
  /// As given: what a saved model keeps.
  std::string identifier() const;

 private:
  /// "accuracy" or "acc" as long as the pointer is null.
  std::string unresolved_;
  /// The text it was made from; empty for an object.
  std::string given_;
};

/// Keras's metrics as objects. Shapes of y_true and y_pred as for the losses.
namespace metrics {

MetricPtr Mean(std::string name = "mean");
/// Share of elements with (y_pred > threshold) == y_true.
MetricPtr BinaryAccuracy(double threshold = 0.5, std::string name = "binary_accuracy");
/// Share of samples whose largest y_true and largest y_pred are at the same place.
MetricPtr CategoricalAccuracy(std::string name = "categorical_accuracy");
/// Share of samples whose largest y_pred is at the class number y_true.
MetricPtr SparseCategoricalAccuracy(std::string name = "sparse_categorical_accuracy");
/// Share of samples whose true class is among the k largest of y_pred.
MetricPtr TopKCategoricalAccuracy(std::int64_t k = 5,
                                  std::string name = "top_k_categorical_accuracy");
MetricPtr SparseTopKCategoricalAccuracy(std::int64_t k = 5,
                                        std::string name = "sparse_top_k_categorical_accuracy");
MetricPtr MeanSquaredError(std::string name = "mean_squared_error");
MetricPtr MeanAbsoluteError(std::string name = "mean_absolute_error");
/// Square root of the mean over all samples of the squared error.
MetricPtr RootMeanSquaredError(std::string name = "root_mean_squared_error");
MetricPtr BinaryCrossentropy(losses::CrossentropyOptions options = {},
                             std::string name = "binary_crossentropy");
MetricPtr CategoricalCrossentropy(losses::CrossentropyOptions options = {},
                                  std::string name = "categorical_crossentropy");
MetricPtr SparseCategoricalCrossentropy(losses::SparseCrossentropyOptions options = {},
                                        std::string name = "sparse_categorical_crossentropy");

}  // namespace metrics

/// Names that MetricPtr knows, sorted, aliases included.
std::vector<std::string> metric_names();

}  // namespace sinew
