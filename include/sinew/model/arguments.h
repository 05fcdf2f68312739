#pragma once

#include <concepts>
#include <cstdint>
#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sinew/data/dataset.h"
#include "sinew/model/callback.h"
#include "sinew/model/tensor_list.h"
#include "sinew/nn/dtype_policy.h"
#include "sinew/nn/losses.h"
#include "sinew/nn/metrics.h"
#include "sinew/nn/optimizers.h"

namespace sinew {

/// One loss for all outputs, or one an output: "mse", a loss object, a function, or a list of them.
class LossList : public std::vector<Loss> {
 public:
  LossList() = default;
  template <typename L>
  requires std::convertible_to<L, Loss> LossList(L loss)
      : std::vector<Loss>{Loss(std::move(loss))} {}
  LossList(std::vector<Loss> losses) : std::vector<Loss>(std::move(losses)) {}
  LossList(std::initializer_list<Loss> losses) : std::vector<Loss>(losses) {}
};

/// The metrics of each output, for `.metrics` of models with several:
/// MetricsPerOutput{{"accuracy"}, {"mae"}}.
using MetricsPerOutput = std::vector<std::vector<MetricPtr>>;

/// The metrics of every output, or a list an output.
class MetricLists : public MetricsPerOutput {
 public:
  MetricLists() = default;
  MetricLists(std::initializer_list<MetricPtr> metrics)
      : MetricsPerOutput{std::vector<MetricPtr>(metrics)} {}
  MetricLists(std::vector<MetricPtr> metrics) : MetricsPerOutput{std::move(metrics)} {}
  MetricLists(MetricsPerOutput lists) : MetricsPerOutput(std::move(lists)) {}
};

/// Arguments of Model::compile. Keras's default optimizer is rmsprop; here it is adam.
struct CompileArguments {
  OptimizerPtr optimizer = "adam";
  LossList loss = {};
  /// One factor an output; empty means 1.
  std::vector<double> loss_weights = {};
  MetricLists metrics = {};
  /// Metrics that heed sample_weight and class_weight.
  MetricLists weighted_metrics = {};
  /// Given to every layer in place of its own: "mixed_bfloat16" computes in bfloat16 with weights,
  /// losses, metrics and the optimizer in float32. Outputs are float32 then too.
  std::optional<DTypePolicy> dtype_policy = {};
};

/// Data that fit() evaluates at the end of each epoch.
struct ValidationData {
  TensorList x = {};
  TensorList y = {};
  TensorList sample_weight = {};
  /// In place of arrays: batches as fit() takes them.
  std::optional<data::Dataset> batches = {};
};

/// How fit, evaluate and predict report: 0 silent, 1 a progress bar, 2 a line an epoch.
constexpr int kVerboseAuto = -1;

/// What `.profile` of fit() records.
inline constexpr int kWarmUpSteps = 2;
inline constexpr int kTracedSteps = 50;
inline constexpr int kTracedEpochs = 1000;

/// Arguments of Model::fit, with Keras 3's defaults. C++ wants them named in this order, in which
/// the usual ones stand as tutorials name them.
struct FitArguments {
  int epochs = 1;
  std::int64_t batch_size = 32;
  /// kVerboseAuto: a progress bar on a terminal, a line an epoch elsewhere.
  int verbose = kVerboseAuto;
  /// Where progress is written.
  std::FILE* progress = stderr;
  std::vector<CallbackPtr> callbacks = {};
  /// Share of the rows, the last ones, that is kept for validation.
  double validation_split = 0;
  ValidationData validation_data = {};
  /// The order of an epoch's rows depends on (seed, epoch) only.
  bool shuffle = true;
  std::map<int, double> class_weight = {};
  /// One number a sample, (N,), or one for each step of targets with steps, (N, T).
  TensorList sample_weight = {};
  int initial_epoch = 0;
  /// Evaluate the validation data every so many epochs.
  int validation_freq = 1;
  /// Keys shuffling, dropout and everything random in the training. Default: the seed of
  /// set_random_seed().
  std::optional<std::int64_t> seed = {};
  /// A checkpoint to go on from, also in mid-epoch: the run ends in the same bits as the
  /// uninterrupted one. Callbacks see on_train_begin, and no on_epoch_begin for an epoch that had
  /// begun. A training that a callback ended at the end of an epoch is over and stays so.
  std::string resume = {};
  /// A file to write checkpoints to: every `checkpoint_every` steps, or at the end of each epoch
  /// when that is 0.
  std::string checkpoint = {};
  std::int64_t checkpoint_every = 0;
  /// A file to write a Chrome trace to when the training has ended (for chrome://tracing or
  /// ui.perfetto.dev): every kernel call with its arithmetic, bytes and share of what the machine
  /// could do, waiting for data and callbacks, for kTracedSteps steps after the first kWarmUpSteps;
  /// epochs, validation and checkpoints until there are kTracedEpochs of them.
  std::string profile = {};
  /// Of a data set: batches of an epoch, which goes on where the last one ended; 0: each epoch is a
  /// pass of the data set. The same for validation data.
  std::int64_t steps_per_epoch = 0;
  std::int64_t validation_steps = 0;
};

struct EvaluateArguments {
  std::int64_t batch_size = 32;
  int verbose = kVerboseAuto;
  std::FILE* progress = stderr;
  TensorList sample_weight = {};
  std::vector<CallbackPtr> callbacks = {};
};

struct PredictArguments {
  std::int64_t batch_size = 32;
  int verbose = 0;
  std::FILE* progress = stderr;
  std::vector<CallbackPtr> callbacks = {};
};

}  // namespace sinew
