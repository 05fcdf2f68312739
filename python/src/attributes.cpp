#include "attributes.h"

#include <fmt/format.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <optional>

#include "arrays.h"
#include "sinew/base/error.h"

namespace sinew::python {
namespace {

/// Also NumPy's scalars; a bool is none.
std::optional<std::int64_t> integer(nb::handle value) {
  if (PyBool_Check(value.ptr()) || !PyIndex_Check(value.ptr())) return std::nullopt;
  return nb::cast<std::int64_t>(nb::steal(PyNumber_Index(value.ptr())));
}

std::optional<double> real(nb::handle value) {
  if (PyBool_Check(value.ptr()) || PyUnicode_Check(value.ptr()) || !PyNumber_Check(value.ptr()))
    return std::nullopt;
  const double number = PyFloat_AsDouble(value.ptr());
  if (PyErr_Occurred()) {
    PyErr_Clear();
    return std::nullopt;
  }
  return number;
}

[[noreturn]] void refuse(const std::string& key, nb::handle value) {
  throw DTypeError(fmt::format("argument '{}' is {}, which no configuration can hold", key,
                               nb::cast<std::string>(nb::repr(value))));
}

/// All elements by `convert`, or nothing when one is of another kind.
template <typename T, typename Convert>
std::optional<std::vector<T>> all(const nb::list& list, const Convert& convert) {
  std::vector<T> result;
  for (const nb::handle item : list) {
    const std::optional<T> one = convert(item);
    if (!one) return std::nullopt;
    result.push_back(*one);
  }
  return result;
}

std::optional<std::int64_t> extent(nb::handle value) {
  return value.is_none() ? std::optional(Shape::kUnknown) : integer(value);
}

std::optional<std::string> text(nb::handle value) {
  if (!PyUnicode_Check(value.ptr())) return std::nullopt;
  return nb::cast<std::string>(value);
}

std::optional<std::vector<std::int64_t>> integers(nb::handle value) {
  if (!PySequence_Check(value.ptr()) || PyUnicode_Check(value.ptr())) return std::nullopt;
  return all<std::int64_t>(nb::list(nb::borrow(value)), integer);
}

AttributeValue list_value(const std::string& key, const nb::list& list) {
  if (auto held = all<std::int64_t>(list, extent)) return *held;
  if (auto held = all<double>(list, real)) return *held;
  if (auto held = all<std::string>(list, text)) return *held;
  if (auto held = all<std::vector<std::int64_t>>(list, integers)) return *held;
  refuse(key, list);
}

AttributeValue attribute(const std::string& key, nb::handle value) {
  if (PyBool_Check(value.ptr())) return nb::cast<bool>(value);
  if (const auto held = integer(value)) return *held;
  if (const auto held = text(value)) return *held;
  if (PySequence_Check(value.ptr())) return list_value(key, nb::list(nb::borrow(value)));
  if (const auto held = real(value)) return *held;
  refuse(key, value);
}

}  // namespace

Attributes to_attributes(nb::handle config) {
  Attributes attributes;
  for (const auto [key, value] : nb::cast<nb::dict>(config)) {
    if (value.is_none()) continue;
    const auto name = nb::cast<std::string>(key);
    attributes.set(name, attribute(name, value));
  }
  return attributes;
}

nb::object from_attribute_value(const AttributeValue& value) {
  return std::visit(
      [](const auto& held) -> nb::object {
        if constexpr (std::is_same_v<std::decay_t<decltype(held)>, Tensor>) {
          return to_array(held);
        } else {
          return nb::cast(held);
        }
      },
      value);
}

nb::object from_json(const nlohmann::ordered_json& json) {
  return nb::module_::import_("json").attr("loads")(json.dump());
}

nb::dict from_attributes(const Attributes& attributes) {
  nb::dict config;
  for (const auto& [name, value] : attributes) config[name.c_str()] = from_attribute_value(value);
  return config;
}

}  // namespace sinew::python
