#include "model/config_json.h"

#include <fmt/format.h>

#include <cstdlib>

#include "io/json.h"
#include "nn/config.h"
#include "sinew/base/error.h"
#include "sinew/nn/identifier.h"

namespace sinew::model {
namespace {

Attributes attributes(const Json& config, const std::string& where, int depth);

/// An initializer, regularizer or dtype policy by its identifier: {"class_name": "L2", "config":
/// {"l2": 0.01}} becomes `L2(l2=0.01)`.
std::string identifier(const Json& object, const std::string& where, int depth) {
  // Each level quotes the text of the one below it, which may double its length.
  constexpr int kDeepest = 8;
  if (depth > kDeepest)
    throw ValueError(fmt::format("{}: objects are nested more than {} deep", where, kDeepest));
  const std::string class_name = class_of(object, where);
  if (class_name == "function") return text_member(object, "config", where);
  const Json config = object.value("config", Json::object());
  if (class_name == "DTypePolicy") return text_member(config, "name", where);
  Identifier result{.name = class_name, .arguments = attributes(config, where, depth)};
  return result.str();
}

/// Whole numbers that 64 bits with a sign hold.
std::int64_t integer(const Json& value, const std::string& where) {
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX) {
    throw ValueError(
        fmt::format("{} is {}; the largest number is {}", where, value.dump(), INT64_MAX));
  }
  return value.get<std::int64_t>();
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
    auto& whole = result.emplace_back();
    for (const Json& item : row) whole.push_back(integer(item, where));
  }
  return result;
}

AttributeValue list_of_texts(const Json& value, const std::string& where) {
  std::vector<std::string> result;
  for (const Json& item : value) {
    if (!item.is_string()) {
      throw ValueError(fmt::format("{} is {}; a list that begins with text must hold nothing else",
                                   where, value.dump()));
    }
    result.push_back(item.get<std::string>());
  }
  return result;
}

AttributeValue list_of_objects(const Json& value, const std::string& where, int depth) {
  std::vector<std::string> result;
  for (const Json& item : value) result.push_back(identifier(item, where, depth));
  return result;
}

AttributeValue list(const Json& value, const std::string& where, int depth) {
  if (!value.empty() && value[0].is_object()) return list_of_objects(value, where, depth);
  if (!value.empty() && value[0].is_array()) return list_of_lists(value, where);
  if (!value.empty() && value[0].is_string()) return list_of_texts(value, where);
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
      whole.push_back(item.is_null() ? -1 : integer(item, where));
    } else {
      reals.push_back(item.is_null() ? -1 : item.get<double>());
    }
  }
  if (integers) return whole;
  return reals;
}

/// Whether an option holds a layer, or layers.
bool holds_layers(const std::string& option) {
  return option == "layer" || option == "backward_layer" || option == "cell" || option == "cells";
}

/// Whether an option that is text holds an object of its own, which Keras writes as such.
bool nested(const std::string& option) {
  return option.ends_with("_initializer") || option.ends_with("_regularizer") ||
         option == "learning_rate" || option == "inner_optimizer" || holds_layers(option);
}

/// Where Keras finds the class of an object; only for those that it looks for nowhere else.
const char* module_of(const std::string& option) {
  if (holds_layers(option)) return "keras.layers";
  if (option == "learning_rate") return "keras.optimizers.schedules";
  if (option == "inner_optimizer") return "keras.optimizers";
  return nullptr;
}

/// Whether None is not the option's default.
bool keeps_none(const std::string& option) {
  return option == "weight_decay" || option == "adam_weight_decay" || option == "rms_rate";
}

/// Whether a list holds extents, of which -1 is one that is not known: Keras's None.
bool holds_extents(const std::string& option) {
  return option == "output_shape" || option == "noise_shape";
}

Json extents(const std::vector<std::int64_t>& shape) {
  Json list = Json::array();
  for (std::int64_t extent : shape)
    list.push_back(extent == Shape::kUnknown ? Json(nullptr) : Json(extent));
  return list;
}

/// An option's identifier as Keras's object.
Json option_object(const std::string& option, const std::string& text) {
  const Identifier identifier = Identifier::parse(text, option);
  Json object;
  if (const char* module = module_of(option)) object["module"] = module;
  object["class_name"] = identifier.name;
  object["config"] = to_json(identifier.arguments);
  if (object.contains("module")) object["registered_name"] = nullptr;
  return object;
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
  for (const Attributes::Entry& attribute : attributes) {
    const std::string& name = attribute.first;
    Json& entry = result[name];
    std::visit(
        [&](const auto& held) {
          using Held = std::decay_t<decltype(held)>;
          if constexpr (std::is_same_v<Held, std::string>) {
            if (nested(name)) {
              entry = option_object(name, held);
            } else if (held != kNone || !keeps_none(name)) {
              entry = held;
            }
          } else if constexpr (std::is_same_v<Held, std::vector<std::string>>) {
            entry = Json::array();
            for (const std::string& text : held)
              entry.push_back(nested(name) ? option_object(name, text) : Json(text));
          } else if constexpr (std::is_same_v<Held, std::vector<std::int64_t>>) {
            entry = holds_extents(name) ? extents(held) : Json(held);
          } else if constexpr (!std::is_same_v<Held, Tensor>) {
            entry = held;
          }
        },
        attribute.second);
  }
  return result;
}

namespace {

Attributes attributes(const Json& config, const std::string& where, int depth) {
  if (!config.is_object()) throw ValueError(where + ": its config is not an object");
  Attributes result;
  for (const auto& [name, value] : config.items()) {
    const std::string here = fmt::format("{}: option '{}'", where, name);
    switch (value.type()) {
      case Json::value_t::null:
        if (keeps_none(name)) result.set(name, std::string(kNone));
        break;
      case Json::value_t::boolean:
        result.set(name, value.get<bool>());
        break;
      case Json::value_t::number_integer:
      case Json::value_t::number_unsigned:
        result.set(name, integer(value, here));
        break;
      case Json::value_t::number_float:
        result.set(name, value.get<double>());
        break;
      case Json::value_t::string:
        result.set(name, value.get<std::string>());
        break;
      case Json::value_t::array:
        result.set(name, list(value, here, depth + 1));
        break;
      case Json::value_t::object:
        result.set(name, identifier(value, here, depth + 1));
        break;
      default:
        throw ValueError(here + " cannot be read");
    }
  }
  return result;
}

}  // namespace

std::string identifier_of(const Json& json, const std::string& where) {
  if (json.is_string()) return json.get<std::string>();
  if (!json.is_object()) {
    throw ValueError(fmt::format(
        "{}: {} is neither a name nor an object with class_name and config", where, json.dump()));
  }
  return identifier(json, where, 0);
}

Json object_of(const Identifier& identifier, const char* module) {
  if (identifier.arguments.begin() == identifier.arguments.end()) return identifier.name;
  return {{"module", module},
          {"class_name", identifier.name},
          {"config", to_json(identifier.arguments)},
          {"registered_name", nullptr}};
}

Attributes to_attributes(const Json& config, const std::string& where) {
  return attributes(config, where, 0);
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

std::string class_of(const Json& object, const std::string& where) {
  const std::string class_name = text_member(object, "class_name", where);
  if (class_name == "__lambda__") {
    throw ValueError(where +
                     ": holds Python code (a lambda), and no code of a file is ever run; save the "
                     "model with Keras's own layers and functions");
  }
  if (!object.contains("module") || object["module"].is_null()) return class_name;
  const std::string module = text_member(object, "module", where);
  // Keras says so of its own functions too; what is not one of them has a name that nobody knows.
  if (class_name == "function" && module == "builtins") return class_name;
  if (module != "keras" && !module.starts_with("keras.")) {
    throw ValueError(fmt::format(
        "{}: '{}' is of the Python module '{}'; only what is Keras's own is read, and no module of "
        "a file is ever imported",
        where,
        class_name == "function" && object.contains("config") ? object["config"].dump()
                                                              : class_name,
        module));
  }
  return class_name;
}

std::int64_t integer_member(const Json& object, const char* name, const std::string& where) {
  const bool found =
      object.is_object() && object.contains(name) && object[name].is_number_integer();
  if (!found) fail_kind(object, name, "an integer", where);
  return integer(object[name], fmt::format("{}: '{}'", where, name));
}

Json parse_json(const std::string& text, const std::string& where) {
  try {
    return io::parse_json(text);
  } catch (const ValueError& error) {
    throw ValueError(fmt::format("{}: {}", where, error.what()));
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
