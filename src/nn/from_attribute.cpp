#include <algorithm>
#include <cmath>

#include "nn/config.h"
#include "sinew/nn/identifier.h"
#include "sinew/nn/registry.h"

namespace sinew {

bool from_attribute(const AttributeValue& value, bool& into) {
  if (!std::holds_alternative<bool>(value)) return false;
  into = std::get<bool>(value);
  return true;
}

bool from_attribute(const AttributeValue& value, std::int64_t& into) {
  if (const auto* held = std::get_if<double>(&value)) {
    // Doubles hold whole numbers exactly up to 2^53.
    if (*held != std::floor(*held) || std::abs(*held) > 0x1p53) return false;
    into = static_cast<std::int64_t>(*held);
    return true;
  }
  if (!std::holds_alternative<std::int64_t>(value)) return false;
  into = std::get<std::int64_t>(value);
  return true;
}

bool from_attribute(const AttributeValue& value, int& into) {
  std::int64_t wide = 0;
  if (!from_attribute(value, wide) || wide != static_cast<int>(wide)) return false;
  into = static_cast<int>(wide);
  return true;
}

bool from_attribute(const AttributeValue& value, double& into) {
  if (const auto* held = std::get_if<std::int64_t>(&value)) {
    into = static_cast<double>(*held);
    return true;
  }
  if (!std::holds_alternative<double>(value)) return false;
  into = std::get<double>(value);
  return true;
}

bool from_attribute(const AttributeValue& value, std::string& into) {
  if (!std::holds_alternative<std::string>(value)) return false;
  into = std::get<std::string>(value);
  return true;
}

bool from_attribute(const AttributeValue& value, std::vector<std::int64_t>& into) {
  // Keras takes one axis or extent for a list of one.
  if (std::int64_t single = 0; from_attribute(value, single)) {
    into = {single};
    return true;
  }
  if (!std::holds_alternative<std::vector<std::int64_t>>(value)) return false;
  into = std::get<std::vector<std::int64_t>>(value);
  return true;
}

bool from_attribute(const AttributeValue& value, std::vector<double>& into) {
  if (double single = 0; from_attribute(value, single)) {
    into = {single};
  } else if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&value)) {
    into.assign(integers->begin(), integers->end());
  } else if (const auto* reals = std::get_if<std::vector<double>>(&value)) {
    into = *reals;
  } else {
    return false;
  }
  return true;
}

bool from_attribute(const AttributeValue& value, std::vector<std::string>& into) {
  // An empty list says nothing about what it is a list of.
  if (const auto* none = std::get_if<std::vector<std::int64_t>>(&value); none && none->empty()) {
    into.clear();
    return true;
  }
  if (!std::holds_alternative<std::vector<std::string>>(value)) return false;
  into = std::get<std::vector<std::string>>(value);
  return true;
}

bool from_attribute(const AttributeValue& value, Shape& into) {
  std::vector<std::int64_t> extents;
  if (!from_attribute(value, extents)) return false;
  into = Shape(std::move(extents));
  return true;
}

namespace {

/// Keras 3 wraps the name in a policy object: DTypePolicy(name="float32").
bool dtype_name(const AttributeValue& value, std::string& into) {
  if (!from_attribute(value, into)) return false;
  const Identifier identifier = Identifier::parse(into, "dtype");
  into = identifier.arguments.get_or<std::string>("name", identifier.name);
  return true;
}

}  // namespace

bool from_attribute(const AttributeValue& value, DType& into) {
  std::string name;
  if (!dtype_name(value, name)) return false;
  into = dtype_from_name(name);
  return true;
}

bool from_attribute(const AttributeValue& value, DTypePolicy& into) {
  std::string name;
  if (!dtype_name(value, name)) return false;
  // An InputLayer's may be an integer type.
  const std::vector<std::string> integers = {"bool", "int32", "int64", "uint8"};
  const bool is_integer = std::find(integers.begin(), integers.end(), name) != integers.end();
  into = is_integer ? DTypePolicy(dtype_from_name(name)) : DTypePolicy(name);
  return true;
}

namespace {

/// As many numbers as `count`, or one that stands for all.
std::vector<std::int64_t> one_or(std::size_t count, const AttributeValue& value) {
  if (std::int64_t all = 0; from_attribute(value, all)) return std::vector(count, all);
  std::vector<std::int64_t> numbers;
  if (!from_attribute(value, numbers) || numbers.size() != count) return {};
  return numbers;
}

/// A border an axis: pairs, numbers for both sides of each, or one number for all.
std::vector<layers::Border> borders(std::size_t count, const AttributeValue& value) {
  std::vector<layers::Border> result;
  if (const auto* pairs = std::get_if<std::vector<std::vector<std::int64_t>>>(&value)) {
    for (const auto& pair : *pairs) {
      if (pair.size() != 2) return {};
      result.emplace_back(pair[0], pair[1]);
    }
  } else {
    for (std::int64_t both : one_or(count, value)) result.emplace_back(both);
  }
  return result.size() == count ? result : std::vector<layers::Border>{};
}

}  // namespace

bool from_attribute(const AttributeValue& value, layers::Size1D& into) {
  const auto numbers = one_or(1, value);
  if (!numbers.empty()) into = numbers[0];
  return !numbers.empty();
}
bool from_attribute(const AttributeValue& value, layers::Size2D& into) {
  const auto numbers = one_or(2, value);
  if (!numbers.empty()) into = {numbers[0], numbers[1]};
  return !numbers.empty();
}
bool from_attribute(const AttributeValue& value, layers::Size3D& into) {
  const auto numbers = one_or(3, value);
  if (!numbers.empty()) into = {numbers[0], numbers[1], numbers[2]};
  return !numbers.empty();
}
bool from_attribute(const AttributeValue& value, layers::Border& into) {
  const auto numbers = one_or(2, value);
  if (!numbers.empty()) into = {numbers[0], numbers[1]};
  return !numbers.empty();
}
bool from_attribute(const AttributeValue& value, layers::Border2D& into) {
  const auto pairs = borders(2, value);
  if (!pairs.empty()) into = {pairs[0], pairs[1]};
  return !pairs.empty();
}
bool from_attribute(const AttributeValue& value, layers::Border3D& into) {
  const auto pairs = borders(3, value);
  if (!pairs.empty()) into = {pairs[0], pairs[1], pairs[2]};
  return !pairs.empty();
}

namespace {

template <typename T>
bool from_text(const AttributeValue& value, T& into) {
  std::string text;
  if (!from_attribute(value, text)) return false;
  into = T(text);
  return true;
}

}  // namespace

bool from_attribute(const AttributeValue& value, ActivationFunction& into) {
  return from_text(value, into);
}
bool from_attribute(const AttributeValue& value, Initializer& into) {
  return from_text(value, into);
}
bool from_attribute(const AttributeValue& value, Regularizer& into) {
  return from_text(value, into);
}
bool from_attribute(const AttributeValue& value, Constraint& into) {
  return from_text(value, into);
}
bool from_attribute(const AttributeValue& value, LayerPtr& into) {
  const auto* text = std::get_if<std::string>(&value);
  if (!text) return false;
  const Identifier identifier = Identifier::parse(*text, "layer");
  into = make_layer(identifier.name, identifier.arguments);
  return true;
}
bool from_attribute(const AttributeValue& value, std::vector<LayerPtr>& into) {
  std::vector<std::string> texts;
  if (!from_attribute(value, texts)) return false;
  into.resize(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) from_attribute(AttributeValue(texts[i]), into[i]);
  return true;
}

}  // namespace sinew
