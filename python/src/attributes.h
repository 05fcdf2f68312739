#pragma once

#include <nlohmann/json.hpp>

#include "bind.h"
#include "sinew/graph/attributes.h"

namespace sinew::python {

/// A dictionary of Python's numbers, texts and lists of them as Attributes; None is left out, and
/// stands for an unknown extent within a list. Raises TypeError naming the key.
Attributes to_attributes(nb::handle config);
nb::dict from_attributes(const Attributes& attributes);
nb::object from_json(const nlohmann::ordered_json& json);
nb::object from_attribute_value(const AttributeValue& value);

}  // namespace sinew::python
