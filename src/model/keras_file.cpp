#include "model/keras_file.h"

#include <fmt/format.h>

#include <map>

#include "base/log.h"
#include "io/hdf5.h"
#include "io/json.h"
#include "io/zip.h"
#include "model/architecture.h"
#include "model/compile_json.h"
#include "model/keras_paths.h"
#include "model/named_tensors.h"
#include "model/state.h"
#include "nn/weight_limit.h"
#include "sinew/base/error.h"
#include "sinew/io/file.h"

namespace sinew::model {
namespace {

/// The version whose files these are like.
constexpr const char* kKerasVersion = "3.15.1";
constexpr const char* kConfig = "config.json";
constexpr const char* kMetadata = "metadata.json";
constexpr const char* kWeights = "model.weights.h5";
/// Where metadata.json keeps Model::metadata().
constexpr const char* kOwnMetadata = "sinew";

NamedVariables optimizer_of(const State& state) {
  if (!state.training || !state.training->prepared()) return {};
  return numbered("optimizer/vars", state.training->optimizer_variables());
}

NamedTensors tensors_of(const State& state) {
  NamedTensors tensors;
  append(tensors, keras_weights(state));
  append(tensors, optimizer_of(state));
  return tensors;
}

std::span<const std::uint8_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Keras casts what it reads: the same numbers in another width of the same kind. Early files of
/// Keras 3 call the layers' group otherwise.
void adapt(NamedTensors& tensors, const NamedVariables& variables) {
  std::map<std::string, DType> wanted;
  for (const auto& [name, variable] : variables) wanted[name] = variable->dtype();
  const std::string early = "_layer_checkpoint_dependencies/";
  for (auto& [name, tensor] : tensors) {
    if (name.starts_with(early)) name = "layers/" + name.substr(early.size());
    const auto at = wanted.find(name);
    if (at == wanted.end() || at->second == tensor.dtype()) continue;
    if (is_floating(at->second) == is_floating(tensor.dtype())) tensor = tensor.cast(at->second);
  }
}

void take_adapted(NamedTensors& tensors, const NamedVariables& variables, const std::string& path) {
  adapt(tensors, variables);
  take(tensors, variables, path);
}

/// An optimizer that was not built has saved less than its slots; those then begin anew.
void take_optimizer(const State& state, NamedTensors& tensors, const std::string& path) {
  const NamedVariables variables = optimizer_of(state);
  std::size_t saved = 0;
  while (find(tensors, fmt::format("optimizer/vars/{}", saved))) ++saved;
  if (saved == variables.size()) {
    take_adapted(tensors, variables, path);
  } else if (saved > 2) {
    logger().warn("'{}': the optimizer has {} variables, but the file holds {}: it begins anew",
                  path, variables.size(), saved);
  }
}

NamedTensors read_weights(const io::ZipFile& zip, const std::string& path) {
  const std::string where = path + ": " + kWeights;
  const io::ZipFile::Contents contents = zip.read(kWeights, SIZE_MAX);
  return io::parse_hdf5(contents.bytes, where);
}

Json read_json(const io::ZipFile& zip, const char* name, const std::string& path) {
  const io::ZipFile::Contents contents = zip.read(name, io::kMaxJsonBytes);
  return parse_json(std::string(contents.bytes.begin(), contents.bytes.end()),
                    fmt::format("'{}': {}", path, name));
}

std::map<std::string, std::string> own_metadata(const Json& json) {
  std::map<std::string, std::string> result;
  if (!json.is_object() || !json.contains(kOwnMetadata)) return result;
  const Json& own = json[kOwnMetadata];
  for (const auto& [key, text] : own.items()) {
    if (text.is_string()) result[key] = text.get<std::string>();
  }
  return result;
}

/// A Sequential without an Input is built for the shape that it was saved with.
void build(State& state, const Json& json, const std::string& where) {
  if (state.built() || !json.contains("build_config")) return;
  const Json& config = json["build_config"];
  const Json& shape = member(config, "input_shape", Json::value_t::array, where + ": build_config");
  std::vector<std::int64_t> dims;
  for (const Json& dim : shape)
    dims.push_back(dim.is_number_integer() ? dim.get<std::int64_t>() : Shape::kUnknown);
  if (!dims.empty()) state.build_stack(Shape(dims));
}

}  // namespace

void write_keras(const State& state, const std::string& path) {
  state.built_network();
  Json config = architecture_to_json(state);
  if (state.training) config["compile_config"] = compile_config_of(state);
  const std::string config_text = config.dump();
  Json metadata = {{"keras_version", kKerasVersion}};
  if (!state.metadata.empty()) metadata[kOwnMetadata] = state.metadata;
  const std::string metadata_text = metadata.dump();
  const NamedTensors tensors = tensors_of(state);
  const io::Hdf5Image weights = io::make_hdf5(tensors);
  io::write_zip(path, {{kMetadata, {bytes_of(metadata_text)}},
                       {kConfig, {bytes_of(config_text)}},
                       {kWeights, weights.pieces}});
}

std::shared_ptr<State> parse_keras(std::span<const std::uint8_t> bytes, const std::string& path) {
  const io::ZipFile zip(bytes, path);
  const Json json = read_json(zip, kConfig, path);
  const std::string where = fmt::format("'{}': {}", path, kConfig);
  NamedTensors tensors = read_weights(zip, path);
  const WeightLimit limit(count_elements(tensors));
  std::shared_ptr<State> state = architecture_from_json(json, where);
  build(*state, json, where);
  state->built_network();
  take_adapted(tensors, keras_weights(*state), path);
  if (zip.has(kMetadata)) state->metadata = own_metadata(read_json(zip, kMetadata, path));
  if (names_loss(json, where)) {
    compile_by(*state, json["compile_config"], where);
    take_optimizer(*state, tensors, path);
  }
  return state;
}

std::shared_ptr<State> read_keras(const std::string& path) {
  return parse_keras(io::read_file(path), path);
}

void write_keras_weights(const State& state, const std::string& path) {
  state.built_network();
  const NamedTensors tensors = tensors_of(state);
  io::write_file(path, io::make_hdf5(tensors).pieces);
}

void read_keras_weights(State& state, const std::string& path) {
  const std::vector<std::uint8_t> bytes = io::read_file(path);
  NamedTensors tensors = io::is_zip(bytes) ? read_weights(io::ZipFile(bytes, path), path)
                                           : io::parse_hdf5(bytes, path);
  take_adapted(tensors, keras_weights(state), path);
}

}  // namespace sinew::model
