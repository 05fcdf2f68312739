#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "sinew/graph/attributes.h"
#include "sinew/nn/identifier.h"

namespace sinew::model {

using Json = nlohmann::ordered_json;

/// Keeps integers and reals apart, so that attributes come back with their types.
Json to_json(const Attributes& attributes);

/// Keras's config of a layer, optimizer, loss or metric as attributes. Nested objects
/// ({"class_name": …, "config": …}: initializers, regularizers, dtype policies) become their
/// identifiers; null entries are left out; a null within a list (an unknown extent) becomes -1.
/// Throws ValueError beginning with `where` for what an option cannot be.
Attributes to_attributes(const Json& config, const std::string& where);

/// A name, or Keras's object {"class_name": …, "config": …}, as an identifier's text.
std::string identifier_of(const Json& json, const std::string& where);
/// The inverse: a name, or an object with the module in which Keras finds its class.
Json object_of(const Identifier& identifier, const char* module);

/// An entry; throws ValueError beginning with `where` when it is absent or of another kind.
const Json& member(const Json& object, const char* name, Json::value_t type,
                   const std::string& where);
std::string text_member(const Json& object, const char* name, const std::string& where);
/// The class_name of a Keras object. Throws ValueError for what only the Python program that saved
/// it knows: code (a lambda) and classes and functions of modules other than Keras's.
std::string class_of(const Json& object, const std::string& where);
std::int64_t integer_member(const Json& object, const char* name, const std::string& where);

/// Parses text; throws ValueError with the line and column of the first error.
Json parse_json(const std::string& text, const std::string& where);

/// Reals as text that gives the same bits again, infinities and NaN included.
std::string exact(double value);
double from_exact(const std::string& text, const std::string& where);

}  // namespace sinew::model
