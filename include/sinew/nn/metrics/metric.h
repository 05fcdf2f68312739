#pragma once

#include <concepts>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sinew/nn/layer.h"
#include "sinew/nn/losses/loss.h"

namespace sinew {

/// How a metric is called: its name in results, and the text that makes it again (empty where there
/// is none).
struct MetricHeading {
  std::string name;
  Identifier identifier = {};
};

/// A figure that is gathered over the batches of an epoch: its state lives in variables that the
/// step itself updates, so that nothing is read back between steps.
class Metric {
 public:
  explicit Metric(MetricHeading heading) : heading_(std::move(heading)) {}
  explicit Metric(std::string name) : Metric(MetricHeading{std::move(name)}) {}
  virtual ~Metric() = default;
  Metric(const Metric&) = delete;
  Metric& operator=(const Metric&) = delete;

  /// Keras's default, such as "mean_squared_error", or as the user called it ("accuracy").
  const std::string& name() const { return heading_.name; }
  void set_name(std::string name) { heading_.name = std::move(name); }
  /// Such as `TopKCategoricalAccuracy(k=3)`; throws ValueError for a metric that cannot be made
  /// again from text.
  virtual std::string identifier() const;

  /// Makes the state, for targets and predictions of these types, whose batch extent may be
  /// unknown. Called once, before the first update; a metric whose state has one shape whatever
  /// they are makes it when it is constructed.
  virtual void build(const TensorType& /*y_true*/, const TensorType& /*y_pred*/) {}
  /// Appends the state's updates for one batch to the context's graph. `sample_weight` is one a
  /// sample, or undefined. Throws ShapeError when the shapes do not fit.
  virtual void update(CallContext& context, Value y_true, Value y_pred,
                      Value sample_weight = {}) = 0;

  /// From the state as it is now; NaN-free: 0 before the first update. Throws ValueError where
  /// there are several results.
  virtual double result() const = 0;
  /// How many numbers the result has: 1, or one a class, output or threshold. Known once the state
  /// is made.
  virtual std::int64_t result_count() const { return 1; }
  /// One of them. Runs after every step: allocates nothing.
  virtual double result_at(std::int64_t /*index*/) const { return result(); }
  /// All of them, as Keras's result() has them: Float64, a scalar where there is one.
  Tensor results() const;

  /// Back to the state before the first update.
  virtual void reset();
  const std::vector<VariablePtr>& variables() const { return variables_; }

 protected:
  VariablePtr add_variable(const std::string& name, DType dtype = DType::Float64, Shape shape = {});

 private:
  MetricHeading heading_;
  std::vector<VariablePtr> variables_;
};

/// A metric whose result may have several numbers.
class VectorMetric : public Metric {
 public:
  using Metric::Metric;
  double result() const override;
  double result_at(std::int64_t index) const override = 0;
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
      : MetricPtr(mean_of(std::move(name), Loss::Function(function))) {}

  /// The metric itself, or for "accuracy" the one that fits the shapes, as Keras: binary when
  /// y_pred's last extent is 1, sparse when y_true has class numbers, categorical otherwise.
  std::shared_ptr<Metric> resolve(const TensorType& y_true, const TensorType& y_pred) const;
  /// As given: what a saved model keeps.
  std::string identifier() const;

 private:
  static std::shared_ptr<Metric> mean_of(std::string name, Loss::Function values);

  /// "accuracy" or "acc" as long as the pointer is null.
  std::string unresolved_;
  /// The text it was made from; empty for an object.
  std::string given_;
};

/// Names that MetricPtr knows, sorted, aliases included.
std::vector<std::string> metric_names();

}  // namespace sinew
