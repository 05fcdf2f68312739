#include "nn/config.h"
#include "sinew/nn/identifier.h"

namespace sinew {

std::optional<AttributeValue> to_attribute(bool value) { return value; }
std::optional<AttributeValue> to_attribute(int value) { return std::int64_t{value}; }
std::optional<AttributeValue> to_attribute(std::int64_t value) { return value; }
std::optional<AttributeValue> to_attribute(double value) { return value; }
std::optional<AttributeValue> to_attribute(const std::string& value) { return value; }
std::optional<AttributeValue> to_attribute(const std::vector<std::int64_t>& value) {
  if (value.empty()) return std::nullopt;
  return value;
}
std::optional<AttributeValue> to_attribute(const std::vector<double>& value) {
  if (value.empty()) return std::nullopt;
  // Keras writes one number for a list of one.
  if (value.size() == 1) return value[0];
  return value;
}
std::optional<AttributeValue> to_attribute(const std::vector<std::string>& value) { return value; }
std::optional<AttributeValue> to_attribute(const Shape& value) { return value.dims(); }
std::optional<AttributeValue> to_attribute(const DTypePolicy& value) { return value.name(); }
std::optional<AttributeValue> to_attribute(DType value) { return std::string(name_of(value)); }
std::optional<AttributeValue> to_attribute(const layers::Size1D& value) {
  return std::vector<std::int64_t>{value.steps};
}
std::optional<AttributeValue> to_attribute(const layers::Size2D& value) {
  return std::vector<std::int64_t>{value.rows, value.columns};
}
std::optional<AttributeValue> to_attribute(const layers::Size3D& value) {
  return std::vector<std::int64_t>{value.depth, value.rows, value.columns};
}
std::optional<AttributeValue> to_attribute(const layers::Border& value) {
  return std::vector<std::int64_t>{value.before, value.after};
}
namespace {

AttributeValue pairs(std::initializer_list<layers::Border> borders) {
  std::vector<std::vector<std::int64_t>> result;
  for (const layers::Border& border : borders) result.push_back({border.before, border.after});
  return result;
}

}  // namespace
std::optional<AttributeValue> to_attribute(const layers::Border2D& value) {
  return pairs({value.rows, value.columns});
}
std::optional<AttributeValue> to_attribute(const layers::Border3D& value) {
  return pairs({value.depth, value.rows, value.columns});
}
std::optional<AttributeValue> to_attribute(const ActivationFunction& value) {
  return value.identifier();
}
std::optional<AttributeValue> to_attribute(const Initializer& value) { return value.identifier(); }
std::optional<AttributeValue> to_attribute(const Regularizer& value) {
  if (!value) return std::nullopt;
  return value.identifier();
}

std::optional<AttributeValue> to_attribute(const Constraint& value) {
  if (!value) return std::nullopt;
  return value.identifier();
}

std::optional<AttributeValue> to_attribute(const LayerPtr& value) {
  if (!value) return std::nullopt;
  return Identifier{value->class_name(), value->config()}.str();
}
std::optional<AttributeValue> to_attribute(const std::vector<LayerPtr>& value) {
  std::vector<std::string> texts;
  for (const LayerPtr& layer : value)
    texts.push_back(Identifier{layer->class_name(), layer->config()}.str());
  return texts;
}

}  // namespace sinew
