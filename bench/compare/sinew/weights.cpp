#include "weights.h"

#include <sinew/io/safetensors.h>

namespace compare {

std::vector<NamedWeight> named_weights(const sinew::Model& model) {
  std::vector<NamedWeight> result;
  for (const auto& layer : model.layers()) {
    int number = 0;
    for (const sinew::VariablePtr& weight : layer->weights()) {
      result.push_back({layer->name() + "/" + std::to_string(number++), weight});
    }
  }
  return result;
}

void write_initial_weights(const sinew::Model& model, const std::string& path) {
  sinew::io::SafeTensors file;
  for (const auto& [name, variable] : named_weights(model)) {
    file.tensors.emplace_back(name, variable->value());
  }
  sinew::io::write_safetensors(path, file);
}

void read_weights(const sinew::Model& model, const std::string& path) {
  const sinew::io::SafeTensors weights = sinew::io::read_safetensors(path);
  for (const auto& [name, variable] : named_weights(model)) variable->assign(weights.at(name));
}

}  // namespace compare
