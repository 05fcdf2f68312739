#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

/// Keras 3's own files: FILE.keras, a zip of config.json (architecture and compile_config),
/// metadata.json and model.weights.h5; and FILE.weights.h5 alone. Weights lie at
/// "layers/dense_1/vars/0" (keras_paths.h), the optimizer's variables at "optimizer/vars/0",
/// in Keras's order.
namespace sinew::model {

struct State;

void write_keras(const State& state, const std::string& path);
/// Nothing in the file is executed: code and classes that are not Keras's are refused. A compiled
/// model comes back compiled, with the optimizer's state where the file has it. Throws FileError,
/// ValueError or ShapeError naming the file and the place in it.
std::shared_ptr<State> read_keras(const std::string& path);
/// The same of a file's bytes.
std::shared_ptr<State> parse_keras(std::span<const std::uint8_t> bytes, const std::string& path);

/// With the optimizer's variables, as Keras does it.
void write_keras_weights(const State& state, const std::string& path);
/// Of either kind of file; the optimizer's state is left alone.
void read_keras_weights(State& state, const std::string& path);

}  // namespace sinew::model
