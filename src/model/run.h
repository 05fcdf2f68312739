#pragma once

#include <memory>
#include <string>
#include <vector>

#include "model/arrays.h"
#include "model/step.h"
#include "sinew/data/loader.h"
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

/// Passes of the data through the model in batches: the steps for full batches and for the last,
/// smaller one, and the loader that feeds them.
class Run {
 public:
  Run(State& state, Mode mode, const Arrays& arrays, std::int64_t batch_size, bool shuffle);

  std::int64_t batches() const { return batches_; }
  std::int64_t rows() const { return rows_; }
  /// Starts a pass. The order of the rows depends on (seed, epoch); `first_batch` batches are left
  /// out.
  void begin(std::int64_t seed, std::int64_t epoch, std::int64_t first_batch = 0);
  /// Waits for the next batch; false at the end of the pass.
  bool next();
  /// Runs the batch and refreshes logs(). Allocates nothing. See Executable::run for `times`.
  void step(std::span<runtime::CallTime> times = {});
  const Logs& logs() const { return logs_; }
  /// Arithmetic of a step on a full batch.
  double flops() const { return full_->program().flops(); }
  std::int64_t batch_rows() const { return tensors_[0].shape()[0]; }
  /// The step of the present batch.
  const Step& current() const { return *current_; }

 private:
  std::int64_t rows_;
  std::int64_t batch_size_;
  std::int64_t batches_;
  std::int64_t batch_ = 0;
  std::shared_ptr<Step> full_;
  std::shared_ptr<Step> last_;
  Step* current_ = nullptr;
  const Training* training_ = nullptr;
  Logs logs_;
  data::Loader loader_;
  std::span<const Tensor> tensors_;
};

/// A pass of evaluation with fresh metrics and the callbacks' test hooks.
Logs evaluate_run(State& state, Run& run, CallbackList& callbacks);

}  // namespace sinew::model
