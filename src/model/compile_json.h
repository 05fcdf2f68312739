#pragma once

#include <string>
#include <vector>

#include "model/config_json.h"
#include "sinew/model/arguments.h"

namespace sinew::model {

struct State;

/// compile()'s arguments as Keras's compile_config for a model of so many outputs. Throws
/// ValueError when a loss or metric is a function, which no file can hold.
Json compile_to_json(const CompileArguments& arguments, std::size_t outputs);
/// The inverse, which reads what Keras's compile_config holds as well: names or objects, one for
/// all outputs, a list, or an object by the outputs' names. How Keras runs (jit_compile, …) is
/// ignored.
CompileArguments compile_from_json(const Json& json, const std::vector<std::string>& outputs,
                                   const std::string& where);
/// The arguments by which a model was compiled.
Json compile_config_of(const State& state);
/// Compiles a built model by them.
void compile_by(State& state, const Json& config, const std::string& where);
/// Whether a model's JSON has a compile_config to compile it by.
bool names_loss(const Json& json, const std::string& where);

/// The position of a checkpoint.
Json position_to_json(const struct Position& position);
struct Position position_from_json(const Json& json, const std::string& where);

}  // namespace sinew::model
