#include "model/files.h"

#include <fmt/format.h>

#include <array>

#include "io/hdf5.h"
#include "io/input_file.h"
#include "io/zip.h"
#include "model/architecture.h"
#include "model/compile_json.h"
#include "model/keras_file.h"
#include "model/named_tensors.h"
#include "model/same_training.h"
#include "model/state.h"
#include "nn/weight_limit.h"
#include "sinew/base/error.h"
#include "sinew/io/safetensors.h"
#include "sinew/model/model.h"

namespace sinew::model {
namespace {

constexpr int kFormat = 1;

enum class Format { SafeTensors, Zip, Hdf5 };

/// By the file's first bytes, whatever it is called.
Format format_of(const std::string& path) {
  std::array<std::uint8_t, 8> bytes{};
  const io::InputFile file(path);
  const std::span<const std::uint8_t> start(bytes.data(), file.read_some(0, bytes));
  if (io::is_zip(start)) return Format::Zip;
  return io::is_hdf5(start) ? Format::Hdf5 : Format::SafeTensors;
}

NamedVariables weight_tensors(const State& state) {
  NamedVariables result;
  for (const NamedWeight& weight : named_weights(state))
    result.emplace_back(weight.key, weight.variable);
  return result;
}

NamedVariables optimizer_tensors(const State& state) {
  if (!state.training || !state.training->prepared()) return {};
  return numbered("optimizer", state.training->optimizer_variables());
}

NamedVariables training_tensors(const State& state) {
  NamedVariables result = numbered("training/metrics", state.training->accumulators());
  for (const auto& kept : numbered("training/states", state.states())) result.push_back(kept);
  result.emplace_back("training/step", state.step);
  return result;
}

std::string callback_tensor(std::size_t callback, std::size_t index) {
  return fmt::format("training/callbacks/{}/{}", callback, index);
}

Json description(const State& state) {
  Json json = {{"format", kFormat}, {"model", architecture_to_json(state)}};
  if (state.training) json["compile_config"] = compile_config_of(state);
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

void check_checkpoint_path(const std::string& path) {
  if (path.ends_with(".keras") || path.ends_with(".h5")) {
    throw ValueError(fmt::format(
        "'{}': a checkpoint is a .safetensors file; Keras's formats hold no position in a training",
        path));
  }
}

void check_model_path(const std::string& path) {
  if (path.ends_with(".h5")) {
    throw ValueError(fmt::format(
        "'{}': a model of Keras's is saved as .keras; .weights.h5 holds weights alone", path));
  }
}

void write_model(const State& state, const std::string& path) {
  check_model_path(path);
  if (path.ends_with(".keras")) return write_keras(state, path);
  state.built_network();
  io::SafeTensors file;
  file.metadata = state.metadata;
  file.metadata[kModelEntry] = description(state).dump();
  append(file.tensors, weight_tensors(state));
  append(file.tensors, optimizer_tensors(state));
  io::write_safetensors(path, file);
}

std::shared_ptr<State> read_model(const std::string& path) {
  switch (format_of(path)) {
    case Format::Zip:
      return read_keras(path);
    case Format::Hdf5:
      throw ValueError(fmt::format(
          "'{}' is an HDF5 file: weights alone, for load_weights(), or a model of Keras 2's, which "
          "is not read; save it as .keras",
          path));
    case Format::SafeTensors:
      break;
  }
  const io::SafeTensors file = io::read_safetensors(path);
  const Json json = read_description(file, path);
  const std::string where = "'" + path + "'";
  const WeightLimit limit(count_elements(file.tensors));
  std::shared_ptr<State> state =
      architecture_from_json(member(json, "model", Json::value_t::object, where), where);
  take(file.tensors, weight_tensors(*state), path);
  state->metadata = file.metadata;
  state->metadata.erase(kModelEntry);
  if (json.contains("compile_config")) {
    compile_by(*state, json["compile_config"], where);
    take(file.tensors, optimizer_tensors(*state), path);
  }
  return state;
}

void write_weights(const State& state, const std::string& path) {
  if (path.ends_with(".weights.h5")) return write_keras_weights(state, path);
  if (path.ends_with(".h5") || path.ends_with(".keras")) {
    throw ValueError(fmt::format("'{}': weights of Keras's are saved as .weights.h5", path));
  }
  state.built_network();
  io::SafeTensors file;
  append(file.tensors, weight_tensors(state));
  io::write_safetensors(path, file);
}

void read_weights(State& state, const std::string& path) {
  state.built_network();
  if (format_of(path) != Format::SafeTensors) return read_keras_weights(state, path);
  take(io::read_safetensors(path).tensors, weight_tensors(state), path);
}

void write_checkpoint(const State& state, const Position& position, const std::string& path) {
  io::SafeTensors file;
  Json json = description(state);
  json["training"] = position_to_json(position);
  file.metadata = state.metadata;
  file.metadata[kModelEntry] = json.dump();
  append(file.tensors, weight_tensors(state));
  append(file.tensors, optimizer_tensors(state));
  append(file.tensors, training_tensors(state));
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
  const std::string where = "'" + path + "'";
  const FileError no_position(
      where + " is a saved model, not a checkpoint: it has no position to resume from");
  if (format_of(path) != Format::SafeTensors) throw no_position;
  const io::SafeTensors file = io::read_safetensors(path);
  const Json json = read_description(file, path);
  if (!json.contains("training")) throw no_position;
  check_same_training(json, description(state), where);
  Position position = position_from_json(json["training"], where);
  for (std::size_t i = 0; i < position.callbacks.size(); ++i) {
    std::vector<Tensor>& tensors = position.callbacks[i].tensors;
    while (const Tensor* tensor = find(file.tensors, callback_tensor(i, tensors.size())))
      tensors.push_back(*tensor);
  }
  check(position);
  NamedVariables variables = weight_tensors(state);
  for (const auto& more : {optimizer_tensors(state), training_tensors(state)}) {
    variables.insert(variables.end(), more.begin(), more.end());
  }
  take(file.tensors, variables, path);
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
  if (model::names_loss(json, "model")) {
    const auto names = state->built() ? result.output_names() : std::vector<std::string>();
    result.compile(model::compile_from_json(json["compile_config"], names, "model"));
  }
  return result;
}

}  // namespace sinew
