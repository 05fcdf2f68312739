#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "sinew/nn/custom_objects.h"

/// Where the registries look for names that are none of Sinew's.
namespace sinew {

/// A process-wide table of the user's functions of one kind.
template <typename Function>
class CustomObjects {
 public:
  void set(const std::string& name, Function function) {
    const std::lock_guard lock(mutex_);
    functions_[name] = std::move(function);
  }
  std::optional<Function> find(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    const auto at = functions_.find(name);
    return at == functions_.end() ? std::nullopt : std::optional(at->second);
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Function> functions_;
};

CustomObjects<ValueFunction>& custom_activations();
CustomObjects<Initializer::Function>& custom_initializers();
CustomObjects<ValueFunction>& custom_regularizers();
CustomObjects<ValueFunction>& custom_constraints();

}  // namespace sinew
