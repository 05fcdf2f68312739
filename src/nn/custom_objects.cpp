#include "nn/custom_objects.h"

namespace sinew {

CustomObjects<ValueFunction>& custom_activations() {
  static CustomObjects<ValueFunction> table;
  return table;
}
CustomObjects<Initializer::Function>& custom_initializers() {
  static CustomObjects<Initializer::Function> table;
  return table;
}
CustomObjects<ValueFunction>& custom_regularizers() {
  static CustomObjects<ValueFunction> table;
  return table;
}
CustomObjects<ValueFunction>& custom_constraints() {
  static CustomObjects<ValueFunction> table;
  return table;
}

void register_activation(const std::string& name, ValueFunction function) {
  custom_activations().set(name, std::move(function));
}
void register_initializer(const std::string& name, Initializer::Function function) {
  custom_initializers().set(name, std::move(function));
}
void register_regularizer(const std::string& name, ValueFunction function) {
  custom_regularizers().set(name, std::move(function));
}
void register_constraint(const std::string& name, ValueFunction function) {
  custom_constraints().set(name, std::move(function));
}

}  // namespace sinew
