#include "model/files.h"

#include <fmt/format.h>

#include <map>

#include "model/architecture.h"
#include "model/compile_json.h"
#include "model/same_training.h"
#include "model/state.h"
#include "sinew/base/error.h"
#include "sinew/io/safetensors.h"
#include "sinew/model/model.h"

namespace sinew::model {
namespace {

constexpr int kFormat = 1;

using Named = std::pair<std::string, VariablePtr>;

std::vector<Named> weight_tensors(const State& state) {
  std::vector<Named> result;
  for (const NamedWeight& weight : named_weights(state))
    result.emplace_back(weight.key, weight.variable);
  return result;
}

/// Variables by their numbers: their names hold those of layers, which another program may have
/// chosen otherwise.
std::vector<Named> numbered(const std::string& prefix, const std::vector<VariablePtr>& variables) {
  std::vector<Named> result;
  for (std::size_t i = 0; i < variables.size(); ++i) {
    result.emplace_back(fmt::format("{}/{}", prefix, i), variables[i]);
  }
  return result;
}

std::vector<Named> optimizer_tensors(const State& state) {
  if (!state.training || !state.training->prepared()) return {};
  return numbered("optimizer", state.training->optimizer_variables());
}

std::vector<Named> training_tensors(const State& state) {
  std::vector<Named> result = numbered("training/metrics", state.training->accumulators());
  result.emplace_back("training/step", state.step);
  return result;
}

std::string callback_tensor(std::size_t callback, std::size_t index) {
  return fmt::format("training/callbacks/{}/{}", callback, index);
}

void append(io::SafeTensors& file, const std::vector<Named>& variables) {
  for (const auto& [name, variable] : variables) file.tensors.emplace_back(name, variable->value());
}

const Tensor* find(const io::SafeTensors& file, const std::string& name) {
  for (const auto& [other, tensor] : file.tensors) {
    if (other == name) return &tensor;
  }
  return nullptr;
}

/// Takes tensors into variables: all are checked before the first is taken.
void take(const io::SafeTensors& file, const std::vector<Named>& variables,
          const std::string& path) {
  std::map<std::string, const Tensor*> tensors;
  for (const auto& [name, tensor] : file.tensors) tensors[name] = &tensor;
  for (const auto& [name, variable] : variables) {
    const auto at = tensors.find(name);
    if (at == tensors.end()) {
      throw ValueError(fmt::format(
          "'{}' has no tensor \"{}\", which the model needs: is it the file of another model?",
          path, name));
    }
    const Tensor& tensor = *at->second;
    if (tensor.shape() != variable->shape() || tensor.dtype() != variable->dtype()) {
      throw ShapeError(fmt::format("'{}': tensor \"{}\" is {}{}, but the model's is {}{}", path,
                                   name, name_of(tensor.dtype()), tensor.shape().str(),
                                   name_of(variable->dtype()), variable->shape().str()));
    }
  }
  for (const auto& [name, variable] : variables) variable->assign(*tensors[name]);
}

Json description(const State& state) {
  Json json = {{"format", kFormat}, {"model", architecture_to_json(state)}};
  if (state.training) json["compile_config"] = compile_to_json(state.training->arguments());
  return json;
}

Json read_description(const io::SafeTensors& file, const std::string& path) {
  const auto at = file.metadata.find(kModelEntry);
  if (at == file.metadata.end()) {
    throw FileError(
        fmt::format("'{}' holds tensors but no model: it was not written by Sinew's save()", path));
  }
  Json json = parse_json(at->second, path);
  const std::int64_t format = integer_member(json, "format", path);
  if (format != kFormat) {
    throw FileError(fmt::format("'{}' has format {}; this version of Sinew reads format {}", path,
                                format, kFormat));
  }
  return json;
}

}  // namespace

void check_savable(const State& state) { static_cast<void>(description(state)); }

void write_model(const State& state, const std::string& path) {
  state.built_network();
  io::SafeTensors file;
  file.metadata = state.metadata;
  file.metadata[kModelEntry] = description(state).dump();
  append(file, weight_tensors(state));
  append(file, optimizer_tensors(state));
  io::write_safetensors(path, file);
}

std::shared_ptr<State> read_model(const std::string& path) {
  const io::SafeTensors file = io::read_safetensors(path);
  const Json json = read_description(file, path);
  const std::string where = "'" + path + "'";
  std::shared_ptr<State> state =
      architecture_from_json(member(json, "model", Json::value_t::object, where), where);
  take(file, weight_tensors(*state), path);
  state->metadata = file.metadata;
  state->metadata.erase(kModelEntry);
  if (json.contains("compile_config")) {
    state->training = std::make_unique<Training>(
        compile_from_json(json["compile_config"], state->built_network().output_names(), where));
    state->training->prepare(state->built_network(), state->weights(true));
    take(file, optimizer_tensors(*state), path);
  }
  return state;
}

void write_weights(const State& state, const std::string& path) {
  state.built_network();
  io::SafeTensors file;
  append(file, weight_tensors(state));
  io::write_safetensors(path, file);
}

void read_weights(State& state, const std::string& path) {
  state.built_network();
  take(io::read_safetensors(path), weight_tensors(state), path);
}

void write_checkpoint(const State& state, const Position& position, const std::string& path) {
  io::SafeTensors file;
  Json json = description(state);
  json["training"] = position_to_json(position);
  file.metadata = state.metadata;
  file.metadata[kModelEntry] = json.dump();
  append(file, weight_tensors(state));
  append(file, optimizer_tensors(state));
  append(file, training_tensors(state));
  for (std::size_t i = 0; i < position.callbacks.size(); ++i) {
    const std::vector<Tensor>& tensors = position.callbacks[i].tensors;
    for (std::size_t k = 0; k < tensors.size(); ++k) {
      file.tensors.emplace_back(callback_tensor(i, k), tensors[k]);
    }
  }
  io::write_safetensors(path, file);
}

Position read_checkpoint(State& state, const std::string& path,
                         const std::function<void(const Position&)>& check) {
  const io::SafeTensors file = io::read_safetensors(path);
  const Json json = read_description(file, path);
  const std::string where = "'" + path + "'";
  if (!json.contains("training")) {
    throw FileError(where +
                    " is a saved model, not a checkpoint: it has no position to resume from");
  }
  check_same_training(json, description(state), where);
  Position position = position_from_json(json["training"], where);
  for (std::size_t i = 0; i < position.callbacks.size(); ++i) {
    std::vector<Tensor>& tensors = position.callbacks[i].tensors;
    while (const Tensor* tensor = find(file, callback_tensor(i, tensors.size())))
      tensors.push_back(*tensor);
  }
  check(position);
  std::vector<Named> variables = weight_tensors(state);
  for (const auto& more : {optimizer_tensors(state), training_tensors(state)}) {
    variables.insert(variables.end(), more.begin(), more.end());
  }
  take(file, variables, path);
  return position;
}

}  // namespace sinew::model

namespace sinew {

void Model::save(const std::string& path) const { model::write_model(*state_, path); }

void Model::save_weights(const std::string& path) const { model::write_weights(*state_, path); }

void Model::load_weights(const std::string& path) { model::read_weights(*state_, path); }

Model load_model(const std::string& path) { return Model(model::read_model(path)); }

std::string Model::to_json() const { return model::architecture_to_json(*state_).dump(2); }

Model model_from_json(const std::string& text) {
  const model::Json json = model::parse_json(text, "model");
  const std::shared_ptr<model::State> state = model::architecture_from_json(json, "model");
  Model result(state);
  if (model::names_loss(json)) {
    const auto names = state->built() ? result.output_names() : std::vector<std::string>();
    result.compile(model::compile_from_json(json["compile_config"], names, "model"));
  }
  return result;
}

}  // namespace sinew
