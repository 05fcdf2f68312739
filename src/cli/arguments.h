#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace sinew::cli {

/// Readers of values on the command line, for CLI::Option::transform(), which say what was given
/// and what may be.
CLI::Validator whole_number(std::int64_t lowest, std::int64_t highest);
/// A count: a whole number from 1 on that an int holds.
CLI::Validator at_least_one();
CLI::Validator number_above_zero(double highest);
/// A number from 0 on.
CLI::Validator share_up_to(double highest);

/// A name of `what` to be chosen, for an option of a number or an enumeration.
CLI::Validator one_of(std::string what, std::map<std::string, int> values);
template <class Enum>
CLI::Validator one_of(std::string what, const std::map<std::string, Enum>& values) {
  std::map<std::string, int> numbers;
  for (const auto& [name, value] : values) numbers[name] = static_cast<int>(value);
  return one_of(std::move(what), std::move(numbers));
}

/// The first argument when it should be a subcommand but is none, as a message with the nearest
/// one; otherwise empty.
std::string unknown_subcommand(const CLI::App& app, int count, const char* const* arguments);
/// The first option that the chosen subcommand does not have, as a message with the nearest one;
/// empty when a parse failed for another reason.
std::string unknown_option(const CLI::App& app);

}  // namespace sinew::cli
