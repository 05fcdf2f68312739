#include <fmt/format.h>

#include <cstring>

#include "model/callback_list.h"
#include "model/progress.h"
#include "model/run.h"
#include "model/state.h"
#include "sinew/base/error.h"
#include "sinew/model/model.h"

namespace sinew {
namespace model {

Logs evaluate_run(State& state, Run& run, CallbackList& callbacks) {
  state.compiled_training().reset_metrics();
  callbacks.on_test_begin();
  run.begin(0, 0);
  for (int batch = 0; run.next(); ++batch) {
    callbacks.on_test_batch_begin(batch);
    run.step();
    callbacks.on_test_batch_end(batch, run.logs());
  }
  callbacks.on_test_end(run.logs());
  return run.logs();
}

namespace {

void check_batch_size(const char* what, std::int64_t batch_size) {
  if (batch_size < 1) {
    throw ValueError(fmt::format("{}: batch_size is {}; it must be at least 1", what, batch_size));
  }
}

/// Each row of a prediction belongs to a row of the data.
void check_rows(const State& state, std::size_t output, const Shape& shape, std::int64_t rows) {
  if (shape.rank() > 0 && shape[0] == rows) return;
  throw ShapeError(
      fmt::format("{}: output {} has shape {} for a batch of {} samples; predict() needs a row for "
                  "each sample, as predict_on_batch() does not",
                  state.where(), output, shape.str(), rows));
}

/// Draws the progress bar from the hooks of a pass.
class ProgressCallback : public Callback {
 public:
  ProgressCallback(Progress& progress, std::int64_t batches) : progress_(progress) {
    progress_.begin_steps(batches);
  }
  void on_test_batch_end(int batch, const Logs& logs) override { progress_.step(batch + 1, logs); }
  void on_predict_batch_end(int batch) override { progress_.step(batch + 1, {}); }

 private:
  Progress& progress_;
};

}  // namespace
}  // namespace model

using namespace model;

Logs Model::evaluate(const TensorList& x, const TensorList& y, const EvaluateArguments& arguments) {
  check_batch_size("evaluate", arguments.batch_size);
  const Arrays arrays = checked_arrays(*state_, x, y, arguments.sample_weight, "");
  Run run(*state_, Mode::Test, arrays, arguments.batch_size, false);
  Progress progress(arguments.verbose, arguments.progress);
  std::vector<CallbackPtr> hooks = arguments.callbacks;
  hooks.push_back(std::make_shared<ProgressCallback>(progress, run.batches()));
  CallbackList callbacks(*this, hooks);
  const Logs logs = evaluate_run(*state_, run, callbacks);
  progress.end(logs);
  return logs;
}

std::vector<Tensor> Model::predict_all(const TensorList& x, const PredictArguments& arguments) {
  check_batch_size("predict", arguments.batch_size);
  const Arrays arrays = checked_inputs(*state_, x);
  Run run(*state_, Mode::Predict, arrays, arguments.batch_size, false);
  Progress progress(arguments.verbose, arguments.progress);
  std::vector<CallbackPtr> hooks = arguments.callbacks;
  hooks.push_back(std::make_shared<ProgressCallback>(progress, run.batches()));
  CallbackList callbacks(*this, hooks);
  std::vector<Tensor> results;
  std::int64_t row = 0;
  callbacks.on_predict_begin();
  run.begin(0, 0);
  for (int batch = 0; run.next(); ++batch) {
    callbacks.on_predict_batch_begin(batch);
    run.step();
    for (std::size_t i = 0; i < run.current().output_count(); ++i) {
      const Tensor& output = run.current().output(i);
      check_rows(*state_, i, output.shape(), run.batch_rows());
      if (batch == 0) results.emplace_back(output.shape().with(0, arrays.rows), output.dtype());
      Tensor rows = results[i].rows(row, row + run.batch_rows());
      std::memcpy(rows.raw(), output.raw(), output.bytes());
    }
    row += run.batch_rows();
    callbacks.on_predict_batch_end(batch);
  }
  callbacks.on_predict_end();
  progress.end({});
  return results;
}

Tensor Model::predict(const TensorList& x, const PredictArguments& arguments) {
  std::vector<Tensor> results = predict_all(x, arguments);
  state_->expect_one_output(results.size());
  return results[0];
}

}  // namespace sinew
