#include <cstring>

#include "model/run.h"
#include "model/state.h"
#include "sinew/model/model.h"

namespace sinew {

using namespace model;

namespace {

Logs step_once(State& state, Mode mode, const Arrays& arrays) {
  const std::shared_ptr<Step> step = state.steps.get(state, step_key(mode, arrays, arrays.rows));
  step->run(arrays.all());
  Logs logs = state.training->empty_results();
  state.training->read_results(logs);
  return logs;
}

}  // namespace

Logs Model::train_on_batch(const TensorList& x, const TensorList& y,
                           const TensorList& sample_weight,
                           const std::map<int, double>& class_weight) {
  Arrays arrays = checked_arrays(*state_, x, y, sample_weight, "");
  apply_class_weight(arrays, class_weight);
  return step_once(*state_, Mode::Train, arrays);
}

Logs Model::test_on_batch(const TensorList& x, const TensorList& y,
                          const TensorList& sample_weight) {
  return step_once(*state_, Mode::Test, checked_arrays(*state_, x, y, sample_weight, ""));
}

Tensor Model::predict_on_batch(const TensorList& x) {
  // Not through predict(), whose loader and progress cost more than a small model's step.
  const Arrays arrays = checked_inputs(*state_, x);
  const std::shared_ptr<Step> step =
      state_->steps.get(*state_, step_key(Mode::Predict, arrays, arrays.rows));
  state_->expect_one_output(step->output_count());
  step->run(arrays.all());
  const Tensor& output = step->output(0);
  Tensor result(output.shape(), output.dtype());
  std::memcpy(result.raw(), output.raw(), output.bytes());
  return result;
}

void Model::reset_metrics() { state_->compiled_training().reset_metrics(); }

}  // namespace sinew
