#include "sinew/nn/registry.h"

#include <map>

#include "sinew/base/error.h"
#include "sinew/base/suggest.h"
#include "sinew/nn/signature.h"

namespace sinew {
namespace {

std::map<std::string, RegisterLayer::Factory>& factories() {
  static std::map<std::string, RegisterLayer::Factory> table;
  return table;
}

std::map<std::string, std::function<std::vector<Argument>()>>& signatures() {
  static std::map<std::string, std::function<std::vector<Argument>()>> table;
  return table;
}

}  // namespace

RegisterSignature::RegisterSignature(const std::string& class_name,
                                     std::function<std::vector<Argument>()> arguments) {
  signatures()[class_name] = std::move(arguments);
}

std::vector<Signature> layer_signatures() {
  std::vector<Signature> result;
  for (const auto& [class_name, arguments] : signatures())
    result.push_back({.class_name = class_name, .arguments = arguments()});
  return result;
}

RegisterLayer::RegisterLayer(const std::string& class_name, Factory factory) {
  factories()[class_name] = std::move(factory);
}

LayerPtr make_layer(const std::string& class_name, const Attributes& config) {
  const auto factory = factories().find(class_name);
  if (factory == factories().end())
    throw ValueError(unknown_name_message("layer", class_name, layer_names()));
  return factory->second(config);
}

std::vector<std::string> layer_names() {
  std::vector<std::string> names;
  for (const auto& entry : factories()) names.push_back(entry.first);
  return names;
}

}  // namespace sinew
