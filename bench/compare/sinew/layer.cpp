#include "layer.h"

#include <sinew/io/safetensors.h>

#include "weights.h"

namespace compare {
namespace {

using sinew::Graph;
using sinew::Tensor;
using sinew::Value;

constexpr std::int64_t kSeed = 7;

}  // namespace

Layer::Layer(const Json& request) {
  const sinew::Model model = sinew::model_from_json(request.at("config"));
  read_weights(model, request.at("weights"));
  const sinew::io::SafeTensors data = sinew::io::read_safetensors(request.at("data"));

  Graph graph;
  const auto input = [&](const std::string& name, Tensor tensor) {
    const Value value = graph.input(name, tensor.dtype(), tensor.shape());
    inputs_.emplace(name, std::move(tensor));
    return value;
  };
  sinew::CallContext context{.graph = graph, .training = request.at("training")};
  context.seed = graph.constant(Tensor::scalar(kSeed));
  context.step = input("step", Tensor::scalar(std::int64_t{0}));
  std::vector<Value> inputs, sources;
  names_ = {"output"};
  for (std::size_t i = 0; i < model.inputs().size(); ++i) {
    const std::string name = "x" + std::to_string(i);
    inputs.push_back(input(name, data.at(name)));
    if (!sinew::is_floating(inputs.back().dtype())) continue;
    sources.push_back(inputs.back());
    names_.push_back(name);
  }
  const Value output = (*model.layer())(context, inputs)[0];
  for (const auto& [name, variable] : named_weights(model)) {
    if (!variable->trainable()) continue;
    // What the layer has made of the weight (spectral normalisation does), as in Keras.
    sources.push_back(context.current(variable));
    names_.push_back(name);
  }
  std::vector<Value> results{output};
  for (const Value& slope :
       sinew::gradients(output, sources, input("upstream", data.at("upstream"))))
    results.push_back(slope);
  for (const Value& loss : context.losses) {
    const std::vector<Value> slopes = sinew::gradients(loss, sources);
    for (std::size_t i = 0; i < slopes.size(); ++i) results[i + 1] = results[i + 1] + slopes[i];
  }
  // What a training step would keep, such as moving averages.
  for (const Graph::Update& update : graph.updates()) results.push_back(graph.value(update.value));
  evaluator_.emplace(results);
}

void Layer::step() {
  ++inputs_.at("step").data<std::int64_t>()[0];
  evaluator_->views(inputs_);
}

void Layer::check(const std::string& path) {
  sinew::io::SafeTensors file;
  const std::vector<Tensor> results = evaluator_->views(inputs_);
  for (std::size_t i = 0; i < names_.size(); ++i) file.tensors.emplace_back(names_[i], results[i]);
  sinew::io::write_safetensors(path, file);
}

}  // namespace compare
