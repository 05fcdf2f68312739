#include "sinew/model/logs.h"

#include <fmt/format.h>

#include <algorithm>

#include "sinew/base/error.h"

namespace sinew {
namespace {

template <typename Entries>
auto entry_named(Entries& entries, std::string_view name) {
  return std::find_if(entries.begin(), entries.end(),
                      [&](const auto& entry) { return entry.first == name; });
}

template <typename Entries>
[[noreturn]] void fail(const Entries& entries, std::string_view name) {
  std::string names;
  for (const auto& entry : entries) names += (names.empty() ? "'" : ", '") + entry.first + "'";
  throw ValueError(fmt::format("there is no result named '{}'; there are: {}", name,
                               names.empty() ? "none" : names));
}

}  // namespace

void Logs::set(std::string_view name, double value) {
  const auto at = entry_named(entries_, name);
  if (at == entries_.end()) {
    entries_.emplace_back(name, value);
  } else {
    at->second = value;
  }
}

const double* Logs::find(std::string_view name) const {
  const auto at = entry_named(entries_, name);
  return at == entries_.end() ? nullptr : &at->second;
}

double Logs::operator[](std::string_view name) const {
  const double* value = find(name);
  if (!value) fail(entries_, name);
  return *value;
}

void History::append(int epoch_number, const Logs& logs) {
  epoch.push_back(epoch_number);
  for (const auto& [name, value] : logs) {
    auto at = entry_named(series_, name);
    if (at == series_.end()) at = series_.insert(series_.end(), {name, {}});
    at->second.push_back(value);
  }
}

const std::vector<double>& History::operator[](std::string_view name) const {
  const auto at = entry_named(series_, name);
  if (at == series_.end()) fail(series_, name);
  return at->second;
}

bool History::has(std::string_view name) const {
  return entry_named(series_, name) != series_.end();
}

}  // namespace sinew
