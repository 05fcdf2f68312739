#include "model/training.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "model/network.h"
#include "sinew/base/error.h"
#include "sinew/ops/ops.h"

namespace sinew::model {
namespace {

bool takes_class_numbers(const Loss& loss) { return loss.targets() == TargetKind::ClassNumbers; }

void expect_scalar(const Loss& loss, Value value) {
  if (value.rank() == 0) return;
  throw ValueError(
      fmt::format("compile: the loss {} gives values of shape {}, but training needs one number: "
                  "leave out reduction=\"none\"",
                  loss.name(), value.shape().str()));
}

/// "1 loss", "2 losses", "3 outputs".
std::string plural(std::size_t count, const std::string& what) {
  const char* ending = count == 1 ? "" : what.ends_with("s") ? "es" : "s";
  return fmt::format("{} {}{}", count, what, ending);
}

/// One entry an output from one for all or one an output.
template <typename List>
List one_each(const List& given, std::size_t outputs, const char* what) {
  if (given.size() == outputs || given.empty()) return given;
  if (given.size() == 1) {
    List spread;
    for (std::size_t i = 0; i < outputs; ++i) spread.push_back(given[0]);
    return spread;
  }
  throw ValueError(fmt::format("compile: {} given for a model with {}", plural(given.size(), what),
                               plural(outputs, "output")));
}

}  // namespace

Training::Training(CompileArguments arguments) : arguments_(std::move(arguments)) {
  if (!arguments_.optimizer) throw ValueError("compile: the optimizer is a null pointer");
}

void Training::prepare(const Network& network, const std::vector<VariablePtr>& trainable) {
  if (prepared()) return;
  const std::vector<std::string> names = network.output_names();
  const std::size_t outputs = names.size();
  if (arguments_.loss.empty())
    throw ValueError("compile: no loss was given, so there is nothing to train for");
  arguments_.loss = LossList(std::vector<Loss>(one_each(arguments_.loss, outputs, "loss")));
  arguments_.metrics =
      MetricLists(MetricsPerOutput(one_each(arguments_.metrics, outputs, "metric list")));
  arguments_.weighted_metrics = MetricLists(
      MetricsPerOutput(one_each(arguments_.weighted_metrics, outputs, "weighted metric list")));
  if (!arguments_.loss_weights.empty() && arguments_.loss_weights.size() != outputs) {
    throw ValueError(fmt::format("compile: {} given for a model with {}",
                                 plural(arguments_.loss_weights.size(), "loss weight"),
                                 plural(outputs, "output")));
  }
  for (const double weight : arguments_.loss_weights) {
    if (!std::isfinite(weight))
      throw ValueError(fmt::format("compile: a loss weight is {}; it must be finite", weight));
  }
  losses_.push_back(std::make_shared<MeanMetric>("loss"));
  if (outputs > 1) {
    for (const std::string& name : names)
      losses_.push_back(std::make_shared<MeanMetric>(name + "_loss"));
  }
  arguments_.optimizer->build(trainable);
  trainable_ = trainable;
  output_names_ = names;
}

void Training::resolve_metrics(const Network& network, const std::vector<TensorType>& targets) {
  if (!metrics_.empty()) return;
  track(arguments_.metrics, false, network, targets);
  track(arguments_.weighted_metrics, true, network, targets);
}

std::string Training::unused_name(const std::string& metric, std::size_t output,
                                  bool weighted) const {
  const auto used = [&](const std::string& name) {
    return std::any_of(metrics_.begin(), metrics_.end(),
                       [&](const Tracked& other) { return other.name == name; });
  };
  const std::string prefix = output_names_.size() > 1 ? output_names_[output] + "_" : "";
  std::string name = prefix + metric;
  if (weighted && used(name)) name = prefix + "weighted_" + metric;
  const std::string base = name;
  for (int count = 1; used(name); ++count) name = fmt::format("{}_{}", base, count);
  return name;
}

void Training::track(const MetricLists& lists, bool weighted, const Network& network,
                     const std::vector<TensorType>& targets) {
  for (std::size_t i = 0; i < lists.size(); ++i) {
    for (const MetricPtr& given : lists[i]) {
      const std::shared_ptr<Metric> metric =
          given.resolve(targets[i], network.type(network.outputs()[i]));
      for (const Tracked& other : metrics_) {
        if (other.metric == metric) {
          throw ValueError(fmt::format(
              "compile: the metric '{}' is given twice: make one object for each output",
              metric->name()));
        }
      }
      metric->build(targets[i], network.type(network.outputs()[i]));
      std::string name = unused_name(metric->name(), i, weighted);
      metrics_.push_back({std::move(name), metric, i, weighted});
    }
  }
}

std::vector<TensorType> Training::usual_targets(const Network& network) const {
  std::vector<TensorType> result;
  for (std::size_t i = 0; i < network.outputs().size(); ++i) {
    TensorType type = network.type(network.outputs()[i]);
    if (type.dtype == DType::BFloat16) type.dtype = DType::Float32;
    if (arguments_.loss[i].targets() != TargetKind::Values) {
      std::vector<std::int64_t> dims = type.shape.dims();
      dims.pop_back();
      type = {DType::Int64, Shape(dims)};
    }
    result.push_back(std::move(type));
  }
  return result;
}

void Training::check_targets(const Network& network, const Arrays& arrays) const {
  for (std::size_t i = 0; i < output_names_.size(); ++i) {
    const std::string name = arrays.role + (arrays.role.empty() ? "y" : " y") +
                             (output_names_.size() == 1 ? "" : fmt::format("[{}]", i));
    const Shape& output = network.type(network.outputs()[i]).shape;
    const Shape& given = arrays.y[i].shape();
    const Loss& loss = arguments_.loss[i];
    if (!loss.is_known() || loss.targets() == TargetKind::Labels) continue;
    const bool sparse = takes_class_numbers(loss);
    // A (…, 1) target or prediction may stand for one without the last axis.
    const int rank = output.rank();
    const int compared = sparse || given.rank() == rank - 1 ? rank - 1 : rank;
    bool fits = given.rank() == compared || (sparse && given.rank() == rank && given[-1] == 1);
    for (int axis = 1; fits && axis < compared; ++axis) {
      fits = output[axis] == Shape::kUnknown || output[axis] == given[axis];
    }
    if (fits && !sparse && compared == rank - 1) fits = output[-1] == 1;
    if (!fits) {
      std::string hint;
      if (!sparse && given.rank() == rank - 1) {
        hint = ". For integer labels use the loss sparse_categorical_crossentropy";
      } else if (sparse && given == output.with(0, given[0])) {
        hint = ". For one-hot targets use the loss categorical_crossentropy";
      }
      throw ShapeError(fmt::format("output \"{}\" of the model has shape {}, but {} has shape {}{}",
                                   output_names_[i], output.str(), name, given.str(), hint));
    }
    if (sparse) check_labels(arrays.y[i], output[-1], name, loss.ignored_class());
    if (loss.name().starts_with("binary_")) check_probabilities(arrays.y[i], name, loss.name());
  }
}

Value Training::add_loss_and_metrics(CallContext& context, const Batch& batch) const {
  Graph& graph = context.graph;
  const auto weight_of = [&](std::size_t output) {
    return batch.weights.empty() ? Value() : batch.weights[output];
  };
  std::vector<Value> losses;
  Value total;
  for (std::size_t i = 0; i < batch.predictions.size(); ++i) {
    const Graph::Scope scope(graph, fmt::format("loss of \"{}\"", output_names_[i]));
    const Value prediction = batch.predictions[i];
    losses.push_back(
        arguments_.loss[i](batch.targets[i], prediction, weight_of(i), context.mask(prediction)));
    expect_scalar(arguments_.loss[i], losses.back());
    const double factor = arguments_.loss_weights.empty() ? 1.0 : arguments_.loss_weights[i];
    const Value part = factor == 1.0 ? losses[i] : losses[i] * factor;
    total = total ? total + part : part;
  }
  for (const Value& extra : batch.extra_losses) total = total + extra;

  const Graph::Scope scope(graph, "metrics");
  // As in Keras a batch's loss counts as often as the batch has rows.
  const Value rows = ops::scalar_like(total, static_cast<double>(batch.predictions[0].dim(0)));
  losses_[0]->update_values(context, total, rows);
  for (std::size_t i = 1; i < losses_.size(); ++i)
    losses_[i]->update_values(context, losses[i - 1], rows);
  for (const Tracked& tracked : metrics_) {
    tracked.metric->update(context, batch.targets[tracked.output],
                           batch.predictions[tracked.output],
                           tracked.weighted ? weight_of(tracked.output) : Value());
  }
  return total;
}

void Training::reset_metrics() {
  for (const auto& loss : losses_) loss->reset();
  for (const Tracked& tracked : metrics_) tracked.metric->reset();
}

Logs Training::empty_results() const {
  Logs logs;
  for (const auto& loss : losses_) logs.set(loss->name(), 0.0);
  for (const Tracked& tracked : metrics_) {
    const std::int64_t count = tracked.metric->result_count();
    for (std::int64_t k = 0; k < count; ++k)
      logs.set(count == 1 ? tracked.name : fmt::format("{}[{}]", tracked.name, k), 0.0);
  }
  return logs;
}

void Training::read_results(Logs& logs) const {
  std::size_t index = 0;
  for (const auto& loss : losses_) logs.set_at(index++, loss->result());
  for (const Tracked& tracked : metrics_) {
    for (std::int64_t k = 0; k < tracked.metric->result_count(); ++k)
      logs.set_at(index++, tracked.metric->result_at(k));
  }
}

std::vector<VariablePtr> Training::accumulators() const {
  std::vector<VariablePtr> result;
  const auto append = [&](const Metric& metric) {
    result.insert(result.end(), metric.variables().begin(), metric.variables().end());
  };
  for (const auto& loss : losses_) append(*loss);
  for (const Tracked& tracked : metrics_) append(*tracked.metric);
  return result;
}

}  // namespace sinew::model
