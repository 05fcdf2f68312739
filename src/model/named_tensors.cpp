#include "model/named_tensors.h"

#include <fmt/format.h>

#include <map>

#include "sinew/base/error.h"

namespace sinew::model {

NamedVariables numbered(const std::string& prefix, const std::vector<VariablePtr>& variables) {
  NamedVariables result;
  for (std::size_t i = 0; i < variables.size(); ++i)
    result.emplace_back(fmt::format("{}/{}", prefix, i), variables[i]);
  return result;
}

void append(NamedTensors& tensors, const NamedVariables& variables) {
  for (const auto& [name, variable] : variables) tensors.emplace_back(name, variable->value());
}

const Tensor* find(const NamedTensors& tensors, const std::string& name) {
  for (const auto& [other, tensor] : tensors) {
    if (other == name) return &tensor;
  }
  return nullptr;
}

std::int64_t count_elements(const NamedTensors& tensors) {
  std::int64_t count = 0;
  for (const auto& [name, tensor] : tensors) count += tensor.numel();
  return count;
}

void take(const NamedTensors& tensors, const NamedVariables& variables, const std::string& path) {
  std::map<std::string, const Tensor*> by_name;
  for (const auto& [name, tensor] : tensors) by_name[name] = &tensor;
  for (const auto& [name, variable] : variables) {
    const auto at = by_name.find(name);
    if (at == by_name.end()) {
      throw ValueError(fmt::format(
          "'{}' has no tensor \"{}\", which the model needs: is it the file of another model?",
          path, name));
    }
    const Tensor& tensor = *at->second;
    if (tensor.shape() != variable->shape() || tensor.dtype() != variable->dtype()) {
      throw ShapeError(fmt::format("'{}': tensor \"{}\" is {}{}, but the model's is {}{}", path,
                                   name, name_of(tensor.dtype()), tensor.shape().str(),
                                   name_of(variable->dtype()), variable->shape().str()));
    }
  }
  for (const auto& [name, variable] : variables) variable->assign(*by_name[name]);
}

}  // namespace sinew::model
