#pragma once

#include <string>

#include "model/config_json.h"

namespace sinew::model {

/// Whether a checkpoint's description is that of the model that is to go on: the layers with their
/// options and how they are connected, losses, metrics, and the optimizer but for its learning
/// rate, which training may change. Names do not count, as they depend on what other models the
/// program has made. Throws ValueError naming what differs.
void check_same_training(const Json& checkpoint, const Json& model, const std::string& where);

}  // namespace sinew::model
