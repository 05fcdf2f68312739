#pragma once

#include <memory>
#include <string>

#include "model/config_json.h"
#include "sinew/nn/layer.h"

namespace sinew::model {

struct State;

/// A layer's config as Keras writes it, and with it what Keras switches on at the call
/// (Layer::call_options).
Json layer_config_to_json(const Layer& layer);

/// A model in the shape of Keras 3's Model.to_json(): Sequential or Functional, layers by class
/// name and config.
Json architecture_to_json(const State& state);

/// The inverse. Keys that Sinew has no use for (module, registered_name, build_config, …) are
/// ignored. `where` begins messages: a file's name. Throws ValueError naming the layer that is
/// unknown, malformed or not connected.
std::shared_ptr<State> architecture_from_json(const Json& json, const std::string& where);

}  // namespace sinew::model
