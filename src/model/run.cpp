#include "model/run.h"

#include <fmt/format.h>

#include <cmath>

#include "model/network.h"
#include "model/state.h"
#include "sinew/base/error.h"

namespace sinew::model {

Arrays checked_inputs(State& state, const TensorList& x) {
  state.build_for(x);
  const Network& network = state.built_network();
  Arrays arrays = make_arrays(x, {}, {}, network.inputs().size(), network.outputs().size(), "");
  check_inputs(arrays, state.expected_inputs());
  return arrays;
}

Arrays checked_arrays(State& state, const TensorList& x, const TensorList& y,
                      const TensorList& sample_weight, const std::string& role) {
  Training& training = state.compiled_training();
  state.build_for(x);
  const Network& network = state.built_network();
  training.prepare(network, state.weights(true));
  if (y.empty()) {
    throw ValueError((role.empty() ? "" : role + ": ") + "no targets were given: y is empty");
  }
  Arrays arrays =
      make_arrays(x, y, sample_weight, network.inputs().size(), network.outputs().size(), role);
  const std::vector<Expected> inputs = state.expected_inputs();
  check_inputs(arrays, inputs);
  check_finite(arrays, inputs, state.expected_outputs());
  training.check_targets(network, arrays);
  std::vector<TensorType> targets;
  for (const Tensor& tensor : arrays.y) {
    targets.push_back({tensor.dtype(), tensor.shape().with(0, Shape::kUnknown)});
  }
  training.resolve_metrics(network, targets);
  return arrays;
}

void apply_class_weight(Arrays& arrays, const std::map<int, double>& class_weight) {
  if (class_weight.empty()) return;
  if (arrays.y.size() != 1) {
    throw ValueError(
        "class_weight is for models with one output; give sample_weight for each output instead");
  }
  for (const auto& [number, weight] : class_weight) {
    if (!std::isfinite(weight))
      throw ValueError(fmt::format("class_weight of class {} is {}", number, weight));
  }
  const Tensor present = arrays.weights.empty() ? Tensor() : arrays.weights[0];
  arrays.weights = TensorList(apply_class_weight(arrays.y[0], present, class_weight));
}

Run::Run(State& state, Mode mode, std::unique_ptr<BatchSource> source)
    : state_(state), mode_(mode), source_(std::move(source)) {}

void Run::begin(std::int64_t seed, std::int64_t epoch, std::int64_t first_batch) {
  source_->begin(seed, epoch, first_batch);
  if (mode_ != Mode::Predict) logs_ = state_.compiled_training().empty_results();
}

bool Run::next() { return source_->next(batch_); }

void Run::step(std::span<runtime::CallTime> times) {
  batch_.step->run(batch_.tensors, times);
  if (mode_ != Mode::Predict) state_.compiled_training().read_results(logs_);
}

}  // namespace sinew::model
