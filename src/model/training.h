#pragma once

#include <string>
#include <vector>

#include "model/arrays.h"
#include "sinew/graph/variable.h"
#include "sinew/model/arguments.h"
#include "sinew/model/logs.h"
#include "sinew/nn/layer.h"

namespace sinew::model {

class Network;

/// What compile() sets up: the optimizer, and for each output its loss and metrics with their
/// accumulators.
class Training {
 public:
  explicit Training(CompileArguments arguments);

  const CompileArguments& arguments() const { return arguments_; }
  Optimizer& optimizer() const { return *arguments_.optimizer; }
  /// Matches losses and metrics with the outputs and makes the optimizer's slots; does nothing the
  /// second time. Throws ValueError when there are too few or too many of them.
  void prepare(const Network& network, const std::vector<VariablePtr>& trainable);
  bool prepared() const { return !output_names_.empty(); }
  /// Chooses the metrics that "accuracy" stands for by the first targets seen, and makes all
  /// accumulators.
  void resolve_metrics(const Network& network, const std::vector<TensorType>& targets);
  /// Targets that would fit the outputs: class numbers for sparse losses, otherwise as the outputs.
  std::vector<TensorType> usual_targets(const Network& network) const;

  /// Throws ShapeError or ValueError when targets do not fit an output: shape, labels out of range.
  void check_targets(const Network& network, const Arrays& arrays) const;

  /// The outputs' values and what they are compared with.
  struct Batch {
    std::vector<Value> predictions;
    std::vector<Value> targets;
    /// (N,) float32 an output, or empty.
    std::vector<Value> weights;
    /// Regularization and what layers add.
    std::vector<Value> extra_losses;
  };
  /// Appends losses and metrics with their accumulators; returns the scalar that training
  /// minimises.
  Value add_loss_and_metrics(CallContext& context, const Batch& batch) const;

  void reset_metrics();
  /// "loss", the outputs' losses where there are several, the metrics (one with several
  /// results as "f1_score[0]", "f1_score[1]", …): names with zeros, for read_results() to fill.
  Logs empty_results() const;
  /// The results as they are now. Allocates nothing.
  void read_results(Logs& logs) const;
  /// The state of losses and metrics, in a fixed order: what a checkpoint in mid-epoch keeps.
  std::vector<VariablePtr> accumulators() const;
  /// The weights that were trainable when the model was compiled: what is frozen or freed since then
  /// waits for another compile(), as in Keras.
  const std::vector<VariablePtr>& trainable() const { return trainable_; }
  std::vector<VariablePtr> optimizer_variables() const { return arguments_.optimizer->variables(); }

 private:
  /// A metric of an output.
  struct Tracked {
    std::string name;
    std::shared_ptr<Metric> metric;
    std::size_t output;
    bool weighted;
  };
  /// Keras's name of a metric's result: with the output's name where there are several, and told
  /// apart from others.
  std::string unused_name(const std::string& metric, std::size_t output, bool weighted) const;
  void track(const MetricLists& lists, bool weighted, const Network& network,
             const std::vector<TensorType>& targets);

  CompileArguments arguments_;
  std::vector<std::string> output_names_;
  std::vector<VariablePtr> trainable_;
  /// The total, then one an output where there are several.
  std::vector<std::shared_ptr<MeanMetric>> losses_;
  std::vector<Tracked> metrics_;
};

}  // namespace sinew::model
