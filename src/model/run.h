#pragma once

#include <memory>
#include <string>
#include <vector>

#include "model/arrays.h"
#include "model/batch_source.h"
#include "sinew/model/logs.h"

namespace sinew::model {

struct State;
class CallbackList;
class Training;

/// Puts lists together, builds the model if need be and checks all of what can be checked before
/// the first step: sizes, shapes, finiteness, labels. `role` is what messages call the data; empty
/// for the training data.
Arrays checked_arrays(State& state, const TensorList& x, const TensorList& y,
                      const TensorList& sample_weight, const std::string& role);
/// The same for predict(), without targets.
Arrays checked_inputs(State& state, const TensorList& x);
/// Multiplies the weights of a model's one output by its rows' class weights; does nothing when
/// there are none.
void apply_class_weight(Arrays& arrays, const std::map<int, double>& class_weight);

/// Passes of the data through the model in batches.
class Run {
 public:
  Run(State& state, Mode mode, std::unique_ptr<BatchSource> source);

  /// Of a pass; nothing where only a pass can tell.
  std::optional<std::int64_t> batches() const { return source_->batches(); }
  /// Starts a pass. The order of the rows depends on (seed, epoch); `first_batch` batches are left
  /// out. Throws ValueError when there are not so many.
  void begin(std::int64_t seed, std::int64_t epoch, std::int64_t first_batch = 0);
  /// Waits for the next batch; false at the end of the pass.
  bool next();
  /// Runs the batch and refreshes logs(). Allocates nothing. See Executable::run for `times`.
  void step(std::span<runtime::CallTime> times = {});
  const Logs& logs() const { return logs_; }
  /// Arithmetic of a step on a usual batch.
  double flops() const { return source_->step().program().flops(); }
  std::int64_t batch_rows() const { return batch_.tensors[0].shape()[0]; }
  /// The step of the present batch, and whether it is the last of the pass.
  const Step& current() const { return *batch_.step; }
  bool last() const { return batch_.last; }

 private:
  State& state_;
  Mode mode_;
  std::unique_ptr<BatchSource> source_;
  BatchSource::Batch batch_;
  Logs logs_;
};

/// A pass of evaluation with fresh metrics and the callbacks' test hooks.
Logs evaluate_run(State& state, Run& run, CallbackList& callbacks);

}  // namespace sinew::model
