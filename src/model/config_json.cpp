#include "model/config_json.h"

#include <fmt/format.h>

#include <cstdlib>

#include "sinew/base/error.h"
#include "sinew/nn/identifier.h"

namespace sinew::model {
namespace {

/// An initializer, regularizer or dtype policy by its identifier: {"class_name": "L2", "config":
/// {"l2": 0.01}} becomes `L2(l2=0.01)`.
std::string identifier(const Json& object, const std::string& where) {
  const std::string class_name = text_member(object, "class_name", where);
  const Json config = object.value("config", Json::object());
  if (class_name == "DTypePolicy") return text_member(config, "name", where);
  Identifier result{.name = class_name, .arguments = to_attributes(config, where)};
  return result.str();
}

/// Pairs of pairs, such as the padding ((top, bottom), (left, right)).
AttributeValue list_of_lists(const Json& value, const std::string& where) {
  std::vector<std::vector<std::int64_t>> result;
  for (const Json& row : value) {
    bool integers = row.is_array();
    for (const Json& item : row) integers = integers && item.is_number_integer();
    if (!integers) {
      throw ValueError(
          fmt::format("{} is {}; a list of lists must hold integers", where, value.dump()));
    }
    result.push_back(row.get<std::vector<std::int64_t>>());
  }
  return result;
}

AttributeValue list(const Json& value, const std::string& where) {
  if (!value.empty() && value[0].is_array()) return list_of_lists(value, where);
  bool integers = true;
  for (const Json& item : value) {
    if (!item.is_number() && !item.is_null()) {
      throw ValueError(fmt::format("{} is {}; a list must hold numbers", where, value.dump()));
    }
    integers = integers && (item.is_number_integer() || item.is_null());
  }
  std::vector<std::int64_t> whole;
  std::vector<double> reals;
  for (const Json& item : value) {
    if (integers) {
      whole.push_back(item.is_null() ? -1 : item.get<std::int64_t>());
    } else {
      reals.push_back(item.is_null() ? -1 : item.get<double>());
    }
  }
  if (integers) return whole;
  return reals;
}

/// Whether an option holds an object of its own, which Keras writes as such.
bool nested(const std::string& option) {
  return option.ends_with("_initializer") || option.ends_with("_regularizer");
}

/// An identifier as Keras's object.
Json object_of(const std::string& text) {
  const Identifier identifier = Identifier::parse(text, "object");
  return {{"class_name", identifier.name}, {"config", to_json(identifier.arguments)}};
}

[[noreturn]] void fail_kind(const Json& object, const char* name, const char* wanted,
                            const std::string& where) {
  if (!object.is_object())
    throw ValueError(fmt::format("{}: expected an object with '{}'", where, name));
  const auto at = object.find(name);
  throw ValueError(at == object.end() ? fmt::format("{}: '{}' is missing", where, name)
                                      : fmt::format("{}: '{}' is of type {}; it must be {}", where,
                                                    name, at->type_name(), wanted));
}

}  // namespace

Json to_json(const Attributes& attributes) {
  Json result = Json::object();
  for (const auto& [name, value] : attributes) {
    Json& entry = result[name];
    const bool is_nested = nested(name);
    std::visit(
        [&](const auto& held) {
          using Held = std::decay_t<decltype(held)>;
          if constexpr (std::is_same_v<Held, std::string>) {
            entry = is_nested ? object_of(held) : Json(held);
          } else if constexpr (!std::is_same_v<Held, Tensor>) {
            entry = held;
          }
        },
        value);
  }
  return result;
}

Attributes to_attributes(const Json& config, const std::string& where) {
  if (!config.is_object()) throw ValueError(where + ": its config is not an object");
  Attributes result;
  for (const auto& [name, value] : config.items()) {
    const std::string here = fmt::format("{}: option '{}'", where, name);
    switch (value.type()) {
      case Json::value_t::null:
        break;
      case Json::value_t::boolean:
        result.set(name, value.get<bool>());
        break;
      case Json::value_t::number_integer:
      case Json::value_t::number_unsigned:
        result.set(name, value.get<std::int64_t>());
        break;
      case Json::value_t::number_float:
        result.set(name, value.get<double>());
        break;
      case Json::value_t::string:
        result.set(name, value.get<std::string>());
        break;
      case Json::value_t::array:
        result.set(name, list(value, here));
        break;
      case Json::value_t::object:
        result.set(name, identifier(value, here));
        break;
      default:
        throw ValueError(here + " cannot be read");
    }
  }
  return result;
}

const Json& member(const Json& object, const char* name, Json::value_t type,
                   const std::string& where) {
  const bool found = object.is_object() && object.contains(name) && object[name].type() == type;
  if (!found) fail_kind(object, name, type == Json::value_t::array ? "a list" : "an object", where);
  return object[name];
}

std::string text_member(const Json& object, const char* name, const std::string& where) {
  const bool found = object.is_object() && object.contains(name) && object[name].is_string();
  if (!found) fail_kind(object, name, "text", where);
  return object[name].get<std::string>();
}

std::int64_t integer_member(const Json& object, const char* name, const std::string& where) {
  const bool found =
      object.is_object() && object.contains(name) && object[name].is_number_integer();
  if (!found) fail_kind(object, name, "an integer", where);
  return object[name].get<std::int64_t>();
}

Json parse_json(const std::string& text, const std::string& where) {
  try {
    return Json::parse(text);
  } catch (const nlohmann::json::exception& error) {
    // The library's text ends with the line, column and what was expected.
    const std::string what = error.what();
    const auto at = what.find("] ");
    throw ValueError(fmt::format("{}: malformed JSON: {}", where,
                                 at == std::string::npos ? what : what.substr(at + 2)));
  }
}

std::string exact(double value) { return fmt::format("{}", value); }

double from_exact(const std::string& text, const std::string& where) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0')
    throw ValueError(fmt::format("{}: '{}' is not a number", where, text));
  return value;
}

}  // namespace sinew::model
