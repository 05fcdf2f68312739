#pragma once

#include <functional>
#include <string>

#include "sinew/graph/graph.h"
#include "sinew/nn/initializers.h"

/// Functions of the user's under names, as Keras's custom objects: configs, identifiers and files
/// may use the names from then on as they use Sinew's own. A name that is registered again means
/// the new function; Sinew's own names come first.
namespace sinew {

using ValueFunction = std::function<Value(Value)>;

void register_activation(const std::string& name, ValueFunction function);
void register_initializer(const std::string& name, Initializer::Function function);
/// From a weight to a scalar that is added to the loss.
void register_regularizer(const std::string& name, ValueFunction function);
/// From a weight to what takes its place.
void register_constraint(const std::string& name, ValueFunction function);

}  // namespace sinew
