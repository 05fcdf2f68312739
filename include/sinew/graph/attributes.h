#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "sinew/base/tensor.h"

namespace sinew {

/// What an attribute of a node can hold. A Tensor is a constant's data; a list of lists is Keras's
/// pairs of pairs.
using AttributeValue =
    std::variant<bool, std::int64_t, double, std::string, std::vector<std::int64_t>,
                 std::vector<double>, Tensor, std::vector<std::vector<std::int64_t>>,
                 std::vector<std::string>>;

/// Named, typed constants of a node, sorted by name: everything about an op that is known before
/// the first step.
class Attributes {
 public:
  using Entry = std::pair<std::string, AttributeValue>;

  Attributes() = default;
  Attributes(std::initializer_list<Entry> entries) {
    for (const Entry& entry : entries) set(entry.first, entry.second);
  }

  void set(std::string_view name, AttributeValue value);
  void erase(std::string_view name);
  const AttributeValue* find(std::string_view name) const;
  bool has(std::string_view name) const { return find(name) != nullptr; }

  /// The value of an attribute; throws InternalError when it is absent or of another type.
  template <typename T>
  const T& get(std::string_view name) const {
    const AttributeValue* value = find(name);
    if (!value || !std::holds_alternative<T>(*value)) fail(name);
    return std::get<T>(*value);
  }
  template <typename T>
  T get_or(std::string_view name, T otherwise) const {
    return has(name) ? get<T>(name) : otherwise;
  }
  std::int64_t integer(std::string_view name) const { return get<std::int64_t>(name); }
  double real(std::string_view name) const { return get<double>(name); }
  bool flag(std::string_view name) const { return get_or<bool>(name, false); }
  const std::vector<std::int64_t>& integers(std::string_view name) const {
    return get<std::vector<std::int64_t>>(name);
  }

  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }
  /// Equality of names and values; tensors are equal when type, shape and bytes are.
  bool operator==(const Attributes& other) const;
  /// "{groups=1, strides=[1, 1]}", or "" when empty. Tensors print as dtype and shape or, when
  /// scalar, as value.
  std::string str() const;

 private:
  [[noreturn]] void fail(std::string_view name) const;

  std::vector<Entry> entries_;
};

}  // namespace sinew
