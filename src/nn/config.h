#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <vector>

#include "sinew/nn/activations.h"
#include "sinew/nn/constraints.h"
#include "sinew/nn/initializers.h"
#include "sinew/nn/layers.h"
#include "sinew/nn/regularizers.h"

/// Constructor arguments to and from Attributes. A class lists its arguments once, in a template
/// `fields(self, visit)` of lines `visit("units", self.units)`; the same lines write a config and
/// read it.
namespace sinew {

/// One argument's value to its AttributeValue; an empty result is None and stays absent.
std::optional<AttributeValue> to_attribute(bool value);
std::optional<AttributeValue> to_attribute(int value);
std::optional<AttributeValue> to_attribute(std::int64_t value);
std::optional<AttributeValue> to_attribute(double value);
std::optional<AttributeValue> to_attribute(const std::string& value);
std::optional<AttributeValue> to_attribute(const std::vector<std::int64_t>& value);
std::optional<AttributeValue> to_attribute(const std::vector<double>& value);
std::optional<AttributeValue> to_attribute(const std::vector<std::string>& value);
std::optional<AttributeValue> to_attribute(const Shape& value);
std::optional<AttributeValue> to_attribute(DType value);
std::optional<AttributeValue> to_attribute(const DTypePolicy& value);
std::optional<AttributeValue> to_attribute(const layers::Size1D& value);
std::optional<AttributeValue> to_attribute(const layers::Size2D& value);
std::optional<AttributeValue> to_attribute(const layers::Size3D& value);
std::optional<AttributeValue> to_attribute(const layers::Border& value);
std::optional<AttributeValue> to_attribute(const layers::Border2D& value);
std::optional<AttributeValue> to_attribute(const layers::Border3D& value);
std::optional<AttributeValue> to_attribute(const ActivationFunction& value);
std::optional<AttributeValue> to_attribute(const Initializer& value);
std::optional<AttributeValue> to_attribute(const Regularizer& value);
std::optional<AttributeValue> to_attribute(const Constraint& value);
/// Layers are identifiers: their class with their config.
std::optional<AttributeValue> to_attribute(const LayerPtr& value);
std::optional<AttributeValue> to_attribute(const std::vector<LayerPtr>& value);
template <typename T>
std::optional<AttributeValue> to_attribute(const std::optional<T>& value) {
  return value ? to_attribute(*value) : std::nullopt;
}

/// The inverse; false when the value is of another kind. Integers pass for doubles, and whole
/// doubles for integers, as JSON does not tell them apart.
bool from_attribute(const AttributeValue& value, bool& into);
bool from_attribute(const AttributeValue& value, int& into);
bool from_attribute(const AttributeValue& value, std::int64_t& into);
bool from_attribute(const AttributeValue& value, double& into);
bool from_attribute(const AttributeValue& value, std::string& into);
bool from_attribute(const AttributeValue& value, std::vector<std::int64_t>& into);
bool from_attribute(const AttributeValue& value, std::vector<double>& into);
bool from_attribute(const AttributeValue& value, std::vector<std::string>& into);
bool from_attribute(const AttributeValue& value, Shape& into);
bool from_attribute(const AttributeValue& value, DType& into);
bool from_attribute(const AttributeValue& value, DTypePolicy& into);
bool from_attribute(const AttributeValue& value, layers::Size1D& into);
bool from_attribute(const AttributeValue& value, layers::Size2D& into);
bool from_attribute(const AttributeValue& value, layers::Size3D& into);
bool from_attribute(const AttributeValue& value, layers::Border& into);
bool from_attribute(const AttributeValue& value, layers::Border2D& into);
bool from_attribute(const AttributeValue& value, layers::Border3D& into);
bool from_attribute(const AttributeValue& value, ActivationFunction& into);
bool from_attribute(const AttributeValue& value, Initializer& into);
bool from_attribute(const AttributeValue& value, Regularizer& into);
bool from_attribute(const AttributeValue& value, Constraint& into);
bool from_attribute(const AttributeValue& value, LayerPtr& into);
bool from_attribute(const AttributeValue& value, std::vector<LayerPtr>& into);
/// None where it is not the default: what stands for the others is the key's absence.
inline constexpr const char* kNone = "None";
template <typename T>
bool from_attribute(const AttributeValue& value, std::optional<T>& into) {
  if (const auto* text = std::get_if<std::string>(&value); text && *text == kNone) {
    into.reset();
    return true;
  }
  return from_attribute(value, into.emplace());
}

class ConfigWriter {
 public:
  template <typename T>
  void operator()(const char* key, const T& value) {
    if (std::optional<AttributeValue> held = to_attribute(value))
      config_.set(key, std::move(*held));
  }
  template <typename T>
  void required(const char* key, const T& value) {
    (*this)(key, value);
  }
  /// Keras writes it too; Sinew knows no other value.
  void only(const char* key, AttributeValue value) { config_.set(key, std::move(value)); }
  /// Only newer versions of Keras know the option: with its default it is left out.
  void only_newer(const char*, const AttributeValue&) {}
  /// An option that Keras has not: written where it is not as `usual`, so that Keras reads the
  /// rest.
  template <typename T>
  void own(const char* key, const T& value, const T& usual) {
    if (value != usual) (*this)(key, value);
  }
  /// An option of every layer that Keras's constructor of this one does not take.
  void leaves_out(const char* key) { config_.erase(key); }
  Attributes take() { return std::move(config_); }

 private:
  Attributes config_;
};

class ConfigReader {
 public:
  /// `owner` begins the messages: `layer Dense`.
  ConfigReader(std::string owner, const Attributes& config)
      : owner_(std::move(owner)), config_(config) {}

  /// Leaves `into` as it is when the key is absent.
  template <typename T>
  void operator()(const char* key, T& into) {
    known_.emplace_back(key);
    if (const AttributeValue* held = config_.find(key); held && !from_attribute(*held, into))
      wrong_kind(key);
  }
  /// Throws ValueError when the key is absent.
  template <typename T>
  void required(const char* key, T& into) {
    if (!config_.has(key)) missing(key);
    (*this)(key, into);
  }
  /// Throws ValueError when the key is there with another value.
  void only(const char* key, const AttributeValue& value);
  void only_newer(const char* key, const AttributeValue& value) { only(key, value); }
  template <typename T>
  void own(const char* key, T& into, const T&) {
    (*this)(key, into);
  }
  void leaves_out(const char*) {}
  /// Throws ValueError for keys that no call above has named, with the nearest that one has.
  void finish() const;

 private:
  [[noreturn]] void wrong_kind(const char* key) const;
  [[noreturn]] void missing(const char* key) const;

  std::string owner_;
  const Attributes& config_;
  std::vector<std::string> known_;
};

/// Those of a config that are not as in `defaults`: what an identifier says.
Attributes differing(Attributes config, const Attributes& defaults);

}  // namespace sinew
