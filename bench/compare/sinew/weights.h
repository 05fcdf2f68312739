#pragma once

#include <sinew/sinew.h>

#include <string>
#include <vector>

namespace compare {

struct NamedWeight {
  /// LAYER/NUMBER.
  std::string name;
  sinew::VariablePtr variable;
};

std::vector<NamedWeight> named_weights(const sinew::Model& model);

/// Weights as Sinew draws them for a model given as Keras's JSON: what every system starts from.
void write_initial_weights(const sinew::Model& model, const std::string& path);
void read_weights(const sinew::Model& model, const std::string& path);

}  // namespace compare
