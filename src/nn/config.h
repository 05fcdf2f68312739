#pragma once

#include <fmt/format.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sinew/nn/activations.h"
#include "sinew/nn/constraints.h"
#include "sinew/nn/initializers.h"
#include "sinew/nn/layers.h"
#include "sinew/nn/regularizers.h"
#include "sinew/nn/signature.h"

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

constexpr ArgumentKind kind_of(const bool&) { return ArgumentKind::Flag; }
constexpr ArgumentKind kind_of(const int&) { return ArgumentKind::Integer; }
constexpr ArgumentKind kind_of(const std::int64_t&) { return ArgumentKind::Integer; }
constexpr ArgumentKind kind_of(const double&) { return ArgumentKind::Number; }
constexpr ArgumentKind kind_of(const std::string&) { return ArgumentKind::Text; }
constexpr ArgumentKind kind_of(const std::vector<std::int64_t>&) { return ArgumentKind::Integers; }
constexpr ArgumentKind kind_of(const std::vector<double>&) { return ArgumentKind::Numbers; }
constexpr ArgumentKind kind_of(const std::vector<std::string>&) { return ArgumentKind::Texts; }
constexpr ArgumentKind kind_of(const Shape&) { return ArgumentKind::Extents; }
constexpr ArgumentKind kind_of(const DType&) { return ArgumentKind::Type; }
constexpr ArgumentKind kind_of(const DTypePolicy&) { return ArgumentKind::Type; }
constexpr ArgumentKind kind_of(const layers::Size1D&) { return ArgumentKind::Size; }
constexpr ArgumentKind kind_of(const layers::Size2D&) { return ArgumentKind::Size; }
constexpr ArgumentKind kind_of(const layers::Size3D&) { return ArgumentKind::Size; }
constexpr ArgumentKind kind_of(const layers::Border&) { return ArgumentKind::Border; }
constexpr ArgumentKind kind_of(const layers::Border2D&) { return ArgumentKind::Border; }
constexpr ArgumentKind kind_of(const layers::Border3D&) { return ArgumentKind::Border; }
constexpr ArgumentKind kind_of(const ActivationFunction&) { return ArgumentKind::Activation; }
constexpr ArgumentKind kind_of(const Initializer&) { return ArgumentKind::Initializer; }
constexpr ArgumentKind kind_of(const Regularizer&) { return ArgumentKind::Regularizer; }
constexpr ArgumentKind kind_of(const Constraint&) { return ArgumentKind::Constraint; }
constexpr ArgumentKind kind_of(const LayerPtr&) { return ArgumentKind::Layer; }
constexpr ArgumentKind kind_of(const std::vector<LayerPtr>&) { return ArgumentKind::Layers; }
template <typename T>
constexpr ArgumentKind kind_of(const std::optional<T>&) {
  return kind_of(T{});
}
ArgumentKind kind_of(const AttributeValue& value);
template <typename T>
inline constexpr bool is_optional = false;
template <typename T>
inline constexpr bool is_optional<std::optional<T>> = true;

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
  /// Reads nothing: what it is asked for is listed instead, with the values that are there as
  /// defaults, and finish() throws Listed, so that nothing is made of them. See arguments_of().
  explicit ConfigReader(std::vector<Argument>& listed) : config_(kEmpty), listed_(&listed) {}
  struct Listed {};

  /// Leaves `into` as it is when the key is absent.
  template <typename T>
  void operator()(const char* key, T& into) {
    if (listed_) {
      listed_->push_back({key, kind_of(into), false, is_optional<T>, to_attribute(into)});
      return;
    }
    known_.emplace_back(key);
    if (const AttributeValue* held = config_.find(key); held && !from_attribute(*held, into))
      wrong_kind(key);
  }
  /// Throws ValueError when the key is absent.
  template <typename T>
  void required(const char* key, T& into) {
    if (listed_) {
      listed_->push_back({key, kind_of(into), true});
      return;
    }
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

  static const Attributes kEmpty;

  std::string owner_;
  const Attributes& config_;
  std::vector<std::string> known_;
  std::vector<Argument>* listed_ = nullptr;
};

/// The arguments that a maker reads, in its order, but for `left_out`.
std::vector<Argument> arguments_of(const std::function<void(ConfigReader&)>& maker,
                                   const std::vector<std::string>& left_out = {});

/// Those of a config that are not as in `defaults`: what an identifier says.
Attributes differing(Attributes config, const Attributes& defaults);

}  // namespace sinew
