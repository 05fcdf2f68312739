#pragma once

#include <string>

#include "model/config_json.h"
#include "sinew/model/arguments.h"

namespace sinew::model {

/// compile()'s arguments under their names. Throws ValueError when a loss or metric is a function,
/// which no file can hold.
Json compile_to_json(const CompileArguments& arguments);
CompileArguments compile_from_json(const Json& json, const std::string& where);

/// The position of a checkpoint.
Json position_to_json(const struct Position& position);
struct Position position_from_json(const Json& json, const std::string& where);

}  // namespace sinew::model
