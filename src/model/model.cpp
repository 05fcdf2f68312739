#include "sinew/model/model.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/files.h"
#include "model/model_layer.h"
#include "model/state.h"
#include "sinew/base/error.h"
#include "sinew/base/suggest.h"
#include "sinew/nn/session.h"

namespace sinew {

using model::NamedWeight;
using model::State;

Model::Model(KerasTensorList inputs, KerasTensorList outputs, std::string name)
    : state_(std::make_shared<State>()) {
  state_->name = name.empty() ? unique_name("functional") : std::move(name);
  state_->network.emplace(inputs, outputs);
}

const std::string& Model::name() const { return state_->name; }

std::string Model::class_name() const { return state_->sequential ? "Sequential" : "Functional"; }

bool Model::built() const { return state_->built(); }

std::vector<std::shared_ptr<Layer>> Model::layers() const { return state_->layers(); }

std::shared_ptr<Layer> Model::get_layer(const std::string& name) const {
  std::vector<std::string> names;
  for (const auto& layer : layers()) {
    if (layer->name() == name) return layer;
    names.push_back(layer->name());
  }
  throw ValueError(state_->where() + ": " + unknown_name_message("layer", name, names));
}

std::vector<KerasTensor> Model::inputs() const { return state_->built_network().input_tensors(); }

std::vector<KerasTensor> Model::outputs() const { return state_->built_network().output_tensors(); }

std::vector<std::string> Model::output_names() const {
  return state_->built_network().output_names();
}

std::vector<KerasTensor> Model::call_all(const std::vector<KerasTensor>& inputs) const {
  return layer().call_all(inputs);
}

LayerPtr Model::layer() const {
  std::shared_ptr<model::ModelLayer> layer = state_->layer.lock();
  if (!layer) state_->layer = layer = std::make_shared<model::ModelLayer>(state_);
  return std::shared_ptr<Layer>(layer);
}

Model model_of(const std::shared_ptr<Layer>& layer) {
  const auto found = std::dynamic_pointer_cast<model::ModelLayer>(layer);
  if (found) return Model(found->state());
  throw ValueError(fmt::format("{} is a layer, not a model",
                               layer ? layer->where() : std::string("a null pointer")));
}

Model clone_model(const Model& model) { return model_from_json(model.to_json()); }

KerasTensor Model::operator()(const std::vector<KerasTensor>& inputs) const {
  const std::vector<KerasTensor> outputs = call_all(inputs);
  if (outputs.size() != 1) {
    throw ValueError(
        fmt::format("{} has {} outputs: use call_all()", state_->where(), outputs.size()));
  }
  return outputs[0];
}

KerasTensor Model::operator()(const KerasTensor& input) const {
  return (*this)(std::vector<KerasTensor>{input});
}

std::vector<VariablePtr> Model::weights() const { return state_->weights(); }

std::vector<VariablePtr> Model::trainable_weights() const { return state_->weights(true); }

std::vector<VariablePtr> Model::non_trainable_weights() const { return state_->weights(false); }

std::int64_t Model::count_params() const {
  state_->built_network();
  std::int64_t count = 0;
  for (const VariablePtr& weight : weights()) count += weight->shape().numel();
  return count;
}

void Model::reset_states() {
  for (const auto& layer : state_->layers()) layer->reset_state();
}

std::vector<Tensor> Model::get_weights() const {
  std::vector<Tensor> values;
  for (const VariablePtr& weight : weights()) values.push_back(weight->value());
  return values;
}

void Model::set_weights(const std::vector<Tensor>& values) {
  state_->built_network();
  const std::vector<NamedWeight> named = model::named_weights(*state_);
  if (values.size() != named.size()) {
    throw ValueError(fmt::format("{} has {} weights, but {} tensors were given", state_->where(),
                                 named.size(), values.size()));
  }
  // All are checked before the first is taken: a failed call changes nothing.
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Shape& wanted = named[i].variable->shape();
    if (values[i].defined() && values[i].shape() == wanted) continue;
    throw ShapeError(
        fmt::format("weight {} (\"{}\") of {} has shape {}, but the tensor given has shape {}", i,
                    named[i].name, state_->where(), wanted.str(),
                    values[i].defined() ? values[i].shape().str() : "undefined"));
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const DType dtype = named[i].variable->dtype();
    named[i].variable->assign(values[i].dtype() == dtype ? values[i] : values[i].cast(dtype));
  }
}

std::string Model::summary() const { return model::summary(*state_); }

const std::map<std::string, std::string>& Model::metadata() const { return state_->metadata; }

void Model::set_metadata(const std::string& name, std::string text) {
  if (name == model::kModelEntry) {
    throw ValueError(
        fmt::format("the metadata entry '{}' holds the model itself; use another name", name));
  }
  state_->metadata[name] = std::move(text);
}

bool Model::compiled() const { return state_->training != nullptr; }

bool Model::stop_training() const { return state_->stop_training; }

void Model::set_stop_training(bool stop) { state_->stop_training = stop; }

}  // namespace sinew
