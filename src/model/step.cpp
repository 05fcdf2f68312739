#include "model/step.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/compile.h"
#include "model/network.h"
#include "model/state.h"
#include "model/training.h"
#include "sinew/autodiff/gradients.h"
#include "sinew/base/error.h"
#include "sinew/ops/ops.h"

namespace sinew::model {
namespace {

std::vector<Value> declare(Graph& graph, const char* prefix, const std::vector<TensorType>& types) {
  std::vector<Value> values;
  for (std::size_t i = 0; i < types.size(); ++i) {
    values.push_back(graph.input(fmt::format("{}{}", prefix, i), types[i].dtype, types[i].shape));
  }
  return values;
}

Value widened(Value value) {
  return value.dtype() == DType::BFloat16 ? ops::cast(value, DType::Float32) : value;
}

void add_update(CallContext& context, State& state, Value loss) {
  Graph& graph = context.graph;
  const std::vector<VariablePtr>& weights = state.training->trainable();
  std::vector<Value> values;
  // A layer may have given a weight another value before it used it (SpectralNormalization).
  for (const VariablePtr& weight : weights) values.push_back(context.current(weight));
  Optimizer& optimizer = state.training->optimizer();
  const std::vector<Value> slopes = gradients(optimizer.scale_loss(context, loss), values);
  optimizer.apply(context, weights, slopes);
  for (const auto& layer : state.built_network().layers()) layer->constrain_weights(context);
  graph.update(state.step, context.step + graph.constant(Tensor::scalar(std::int64_t{1})));
}

}  // namespace

StepKey step_key(Mode mode, const Arrays& arrays, std::int64_t rows) {
  const auto types = [&](const TensorList& list) {
    std::vector<TensorType> result;
    for (const Tensor& tensor : list)
      result.push_back({tensor.dtype(), tensor.shape().with(0, rows)});
    return result;
  };
  if (mode == Mode::Predict) return {mode, types(arrays.x), {}, {}};
  return {mode, types(arrays.x), types(arrays.y), types(arrays.weights)};
}

Graph step_graph(State& state, const StepKey& key) {
  const Network& network = state.built_network();
  Graph graph;
  const std::vector<Value> x = declare(graph, "x", key.x);
  const std::vector<Value> y = declare(graph, "y", key.y);
  const std::vector<Value> weights = declare(graph, "sample_weight", key.weights);
  std::vector<Value> inputs;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const DType wanted = network.type(network.inputs()[i]).dtype;
    inputs.push_back(x[i].dtype() == wanted ? x[i] : ops::cast(x[i], wanted));
  }
  CallContext context{.graph = graph, .training = key.mode == Mode::Train};
  if (context.training) {
    context.seed = graph.variable(state.seed);
    context.step = graph.variable(state.step);
  }
  std::vector<Value> predictions = network.apply(context, inputs);
  // Losses, metrics and whoever reads the outputs see float32, as Keras recommends.
  for (Value& prediction : predictions) {
    const Value mask = context.mask(prediction);
    prediction = widened(prediction);
    context.set_mask(prediction, mask);
  }
  if (key.mode == Mode::Predict) {
    for (std::size_t i = 0; i < predictions.size(); ++i) {
      graph.output(fmt::format("output{}", i), predictions[i]);
    }
    return graph;
  }
  std::vector<Value> extra;
  for (const Value& loss : context.losses) extra.push_back(widened(loss));
  // Weights' penalties count once a layer, however often it is called.
  for (const auto& layer : network.layers()) {
    const std::vector<Value> penalties = layer->weight_losses(graph);
    extra.insert(extra.end(), penalties.begin(), penalties.end());
  }
  const Value loss = state.compiled_training().add_loss_and_metrics(
      context, {std::move(predictions), y, weights, std::move(extra)});
  if (key.mode == Mode::Train) add_update(context, state, loss);
  return graph;
}

Step::Step(State& state, const StepKey& key)
    : executable_(compiler::compile(step_graph(state, key))) {}

std::shared_ptr<Step> StepCache::get(State& state, const StepKey& key) {
  const auto at = std::find_if(entries_.begin(), entries_.end(),
                               [&](const Entry& entry) { return entry.key == key; });
  if (at != entries_.end()) {
    entries_.splice(entries_.begin(), entries_, at);
  } else {
    entries_.push_front({key, std::make_shared<Step>(state, key)});
    if (entries_.size() > kCapacity) entries_.pop_back();
  }
  return entries_.front().step;
}

std::int64_t StepCache::arena_bytes() const {
  std::int64_t sum = 0;
  for (const Entry& entry : entries_) sum += entry.step->program().arena_bytes;
  return sum;
}

}  // namespace sinew::model
