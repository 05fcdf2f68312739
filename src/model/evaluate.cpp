#include <fmt/format.h>

#include <algorithm>
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
  ProgressCallback(Progress& progress, std::optional<std::int64_t> batches) : progress_(progress) {
    progress_.begin_steps(batches.value_or(Progress::kUnknownSteps));
  }
  void on_test_batch_end(int batch, const Logs& logs) override { progress_.step(batch + 1, logs); }
  void on_predict_batch_end(int batch) override { progress_.step(batch + 1, {}); }

 private:
  Progress& progress_;
};

}  // namespace
}  // namespace model

using namespace model;

namespace {

Logs evaluated(Model& model, std::unique_ptr<BatchSource> source,
               const EvaluateArguments& arguments) {
  Run run(*model.state(), Mode::Test, std::move(source));
  Progress progress(arguments.verbose, arguments.progress);
  std::vector<CallbackPtr> hooks = arguments.callbacks;
  hooks.push_back(std::make_shared<ProgressCallback>(progress, run.batches()));
  CallbackList callbacks(model, hooks);
  const Logs logs = evaluate_run(*model.state(), run, callbacks);
  progress.end(logs);
  return logs;
}

/// Rows of all batches, of which there may be unknown many.
class Collected {
 public:
  void append(const Tensor& rows) {
    if (!all_.defined() || rows_ + rows.shape()[0] > all_.shape()[0]) grow(rows);
    Tensor to = all_.rows(rows_, rows_ + rows.shape()[0]);
    if (to.shape() != rows.shape()) {
      throw ShapeError(
          fmt::format("predict: batches give outputs of shapes {} and {}; predict them one by one",
                      to.shape().str(), rows.shape().str()));
    }
    std::memcpy(to.raw(), rows.raw(), rows.bytes());
    rows_ += rows.shape()[0];
  }
  Tensor all() const { return all_.shape()[0] == rows_ ? all_ : all_.rows(0, rows_).clone(); }
  void expect(std::int64_t rows) { expected_ = rows; }

 private:
  void grow(const Tensor& rows) {
    const std::int64_t wanted = std::max({rows_ * 2, rows_ + rows.shape()[0], expected_});
    Tensor larger(rows.shape().with(0, wanted), rows.dtype());
    if (all_.defined()) std::memcpy(larger.raw(), all_.raw(), all_.rows(0, rows_).bytes());
    all_ = std::move(larger);
  }

  Tensor all_;
  std::int64_t rows_ = 0, expected_ = 0;
};

std::vector<Tensor> predicted(Model& model, std::unique_ptr<BatchSource> source,
                              const PredictArguments& arguments, std::int64_t expected_rows) {
  Run run(*model.state(), Mode::Predict, std::move(source));
  Progress progress(arguments.verbose, arguments.progress);
  std::vector<CallbackPtr> hooks = arguments.callbacks;
  hooks.push_back(std::make_shared<ProgressCallback>(progress, run.batches()));
  CallbackList callbacks(model, hooks);
  std::vector<Collected> results;
  callbacks.on_predict_begin();
  run.begin(0, 0);
  for (int batch = 0; run.next(); ++batch) {
    callbacks.on_predict_batch_begin(batch);
    run.step();
    results.resize(run.current().output_count());
    for (std::size_t i = 0; i < results.size(); ++i) {
      const Tensor& output = run.current().output(i);
      check_rows(*model.state(), i, output.shape(), run.batch_rows());
      results[i].expect(expected_rows);
      results[i].append(output);
    }
    callbacks.on_predict_batch_end(batch);
  }
  callbacks.on_predict_end();
  progress.end({});
  std::vector<Tensor> outputs;
  for (const Collected& result : results) outputs.push_back(result.all());
  return outputs;
}

}  // namespace

Logs Model::evaluate(const TensorList& x, const TensorList& y, const EvaluateArguments& arguments) {
  check_batch_size("evaluate", arguments.batch_size);
  const Arrays arrays = checked_arrays(*state_, x, y, arguments.sample_weight, "");
  return evaluated(*this, array_source(*state_, Mode::Test, arrays, arguments.batch_size, false),
                   arguments);
}

Logs Model::evaluate(const data::Dataset& batches, const EvaluateArguments& arguments) {
  return evaluated(*this, dataset_source(*state_, Mode::Test, batches), arguments);
}

std::vector<Tensor> Model::predict_all(const TensorList& x, const PredictArguments& arguments) {
  check_batch_size("predict", arguments.batch_size);
  const Arrays arrays = checked_inputs(*state_, x);
  return predicted(*this, array_source(*state_, Mode::Predict, arrays, arguments.batch_size, false),
                   arguments, arrays.rows);
}

std::vector<Tensor> Model::predict_all(const data::Dataset& batches,
                                       const PredictArguments& arguments) {
  return predicted(*this, dataset_source(*state_, Mode::Predict, batches), arguments, 0);
}

Tensor Model::predict(const data::Dataset& batches, const PredictArguments& arguments) {
  std::vector<Tensor> results = predict_all(batches, arguments);
  state_->expect_one_output(results.size());
  return results[0];
}

Tensor Model::predict(const TensorList& x, const PredictArguments& arguments) {
  std::vector<Tensor> results = predict_all(x, arguments);
  state_->expect_one_output(results.size());
  return results[0];
}

}  // namespace sinew
