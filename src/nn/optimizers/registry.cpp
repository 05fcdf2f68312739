#include <map>

#include "nn/optimizers/optimizer_support.h"
#include "sinew/base/error.h"
#include "sinew/base/suggest.h"

namespace sinew {
namespace {

struct Entry {
  std::string class_name;
  RegisterOptimizer::Factory factory;
};

/// Keys are Identifier::key() of class names.
std::map<std::string, Entry>& entries() {
  static std::map<std::string, Entry> table;
  return table;
}

}  // namespace

RegisterOptimizer::RegisterOptimizer(const std::string& class_name, Factory factory) {
  entries()[Identifier{class_name}.key()] = {class_name, std::move(factory)};
}

OptimizerPtr make_optimizer(const std::string& class_name, const Attributes& config) {
  const auto entry = entries().find(Identifier{class_name}.key());
  if (entry == entries().end())
    throw ValueError(unknown_name_message("optimizer", class_name, optimizer_names()));
  ConfigReader reader("optimizer " + entry->second.class_name, config);
  return entry->second.factory(reader);
}

OptimizerPtr::OptimizerPtr(const std::string& text) {
  const Identifier identifier = Identifier::parse(text, "optimizer");
  *this = make_optimizer(identifier.name, identifier.arguments);
}

std::vector<Signature> optimizer_signatures() {
  std::vector<Signature> signatures;
  for (const auto& [key, entry] : entries()) {
    signatures.push_back({.class_name = entry.class_name,
                          .arguments = arguments_of(
                              [&make = entry.factory](ConfigReader& lister) { make(lister); })});
  }
  return signatures;
}

std::vector<std::string> optimizer_names() {
  std::vector<std::string> names;
  for (const auto& entry : entries()) names.push_back(entry.first);
  return names;
}

}  // namespace sinew
