#include "sinew/graph/attributes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>

#include "sinew/base/error.h"

namespace sinew {
namespace {

bool less_name(const Attributes::Entry& entry, std::string_view name) { return entry.first < name; }

bool equal(const Tensor& a, const Tensor& b) {
  return a.dtype() == b.dtype() && a.shape() == b.shape() &&
         (a.raw() == b.raw() || std::memcmp(a.raw(), b.raw(), a.bytes()) == 0);
}

std::string print(const AttributeValue& value) {
  return std::visit(
      [](const auto& held) -> std::string {
        using T = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<T, Tensor>) {
          if (held.numel() == 1) return fmt::format("{}", held.at(0));
          return fmt::format("{}{}", name_of(held.dtype()), held.shape().str());
        } else if constexpr (std::is_same_v<T, std::string>) {
          return '"' + held + '"';
        } else {
          return fmt::format("{}", held);
        }
      },
      value);
}

}  // namespace

void Attributes::set(std::string_view name, AttributeValue value) {
  auto at = std::lower_bound(entries_.begin(), entries_.end(), name, less_name);
  if (at != entries_.end() && at->first == name) {
    at->second = std::move(value);
  } else {
    entries_.insert(at, Entry(std::string(name), std::move(value)));
  }
}

void Attributes::erase(std::string_view name) {
  auto at = std::lower_bound(entries_.begin(), entries_.end(), name, less_name);
  if (at != entries_.end() && at->first == name) entries_.erase(at);
}

const AttributeValue* Attributes::find(std::string_view name) const {
  auto at = std::lower_bound(entries_.begin(), entries_.end(), name, less_name);
  return at != entries_.end() && at->first == name ? &at->second : nullptr;
}

bool Attributes::operator==(const Attributes& other) const {
  const auto same = [](const Entry& a, const Entry& b) {
    if (a.first != b.first || a.second.index() != b.second.index()) return false;
    return std::visit(
        [&](const auto& held) {
          const auto& with = std::get<std::decay_t<decltype(held)>>(b.second);
          if constexpr (std::is_same_v<std::decay_t<decltype(held)>, Tensor>) {
            return equal(held, with);
          } else {
            return held == with;
          }
        },
        a.second);
  };
  return std::equal(entries_.begin(), entries_.end(), other.entries_.begin(), other.entries_.end(),
                    same);
}

std::string Attributes::str() const {
  if (entries_.empty()) return "";
  std::string text = "{";
  for (const Entry& entry : entries_) {
    if (text.size() > 1) text += ", ";
    text += entry.first + "=" + print(entry.second);
  }
  return text + "}";
}

void Attributes::fail(std::string_view name) const {
  throw InternalError(
      fmt::format("attribute '{}' is absent or of another type in {}", name, str()));
}

}  // namespace sinew
