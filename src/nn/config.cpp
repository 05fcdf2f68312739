#include "nn/config.h"

#include <algorithm>

#include "sinew/base/error.h"
#include "sinew/base/suggest.h"

namespace sinew {

ArgumentKind kind_of(const AttributeValue& value) {
  if (std::holds_alternative<bool>(value)) return ArgumentKind::Flag;
  if (std::holds_alternative<std::int64_t>(value)) return ArgumentKind::Integer;
  if (std::holds_alternative<double>(value)) return ArgumentKind::Number;
  if (std::holds_alternative<std::string>(value)) return ArgumentKind::Text;
  return ArgumentKind::Other;
}

const Attributes ConfigReader::kEmpty;

std::vector<Argument> arguments_of(const std::function<void(ConfigReader&)>& maker,
                                   const std::vector<std::string>& left_out) {
  std::vector<Argument> listed;
  ConfigReader reader(listed);
  try {
    maker(reader);
  } catch (const ConfigReader::Listed&) {
  }
  // A maker may read an argument twice, to check it first.
  std::vector<std::string> seen = left_out;
  std::erase_if(listed, [&](const Argument& argument) {
    if (std::find(seen.begin(), seen.end(), argument.name) != seen.end()) return true;
    seen.push_back(argument.name);
    return false;
  });
  return listed;
}

void ConfigReader::only(const char* key, const AttributeValue& value) {
  if (listed_) {
    listed_->push_back({key, kind_of(value), false, false, value});
    return;
  }
  known_.emplace_back(key);
  const AttributeValue* held = config_.find(key);
  if (!held) return;
  // A number may come as an integer or as a double.
  double wanted = 0;
  double given = 0;
  const bool same = from_attribute(value, wanted) && from_attribute(*held, given)
                        ? wanted == given
                        : Attributes{{key, *held}} == Attributes{{key, value}};
  if (!same) {
    throw ValueError(fmt::format("{}: {} is not supported; leave it out, or give {}", owner_,
                                 Attributes{{key, *held}}.str(), Attributes{{key, value}}.str()));
  }
}

void ConfigReader::finish() const {
  if (listed_) throw Listed{};
  for (const Attributes::Entry& entry : config_) {
    if (std::find(known_.begin(), known_.end(), entry.first) == known_.end()) {
      throw ValueError(
          fmt::format("{}: {}", owner_, unknown_name_message("option", entry.first, known_)));
    }
  }
}

void ConfigReader::wrong_kind(const char* key) const {
  throw ValueError(fmt::format("{}: option '{}' has a value of the wrong kind: {}", owner_, key,
                               Attributes{{key, *config_.find(key)}}.str()));
}

void ConfigReader::missing(const char* key) const {
  throw ValueError(fmt::format("{}: option '{}' is missing from its config {}", owner_, key,
                               config_.str().empty() ? "{}" : config_.str()));
}

Attributes differing(Attributes config, const Attributes& defaults) {
  for (const Attributes::Entry& entry : defaults) {
    const AttributeValue* given = config.find(entry.first);
    if (given && Attributes{{entry.first, *given}} == Attributes{entry}) config.erase(entry.first);
  }
  return config;
}

}  // namespace sinew
