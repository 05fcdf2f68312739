#include "cli/arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "sinew/base/suggest.h"

namespace sinew::cli {
namespace {

/// The whole text as a number of this very type: none that is cut off, wrapped or clamped.
template <class T>
std::optional<T> number_of(const std::string& text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Validators that transform: the text becomes the number as CLI11 reads it, which by itself would
/// take 010 for 8.
CLI::Validator number_that(std::function<bool(double)> may_be, const std::string& range) {
  return {[may_be = std::move(may_be), range](std::string& text) {
            const std::optional<double> value = number_of<double>(text);
            // False for nan, which compares with nothing.
            if (!value || !may_be(*value))
              return fmt::format("'{}' is given, but it must be a number {}", text, range);
            text = fmt::format("{}", *value);
            return std::string();
          },
          "NUMBER"};
}

}  // namespace

CLI::Validator whole_number(std::int64_t lowest, std::int64_t highest) {
  return {[=](std::string& text) {
            const std::optional<std::int64_t> value = number_of<std::int64_t>(text);
            if (!value || *value < lowest || *value > highest) {
              return fmt::format(
                  "'{}' is given, but it must be a whole number of at least {} and at most {}",
                  text, lowest, highest);
            }
            text = std::to_string(*value);
            return std::string();
          },
          "WHOLE NUMBER"};
}

CLI::Validator at_least_one() { return whole_number(1, std::numeric_limits<int>::max()); }

CLI::Validator number_above_zero(double highest) {
  return number_that([=](double value) { return value > 0 && value <= highest; },
                     fmt::format("above 0 and at most {:g}", highest));
}

CLI::Validator share_up_to(double highest) {
  return number_that([=](double value) { return value >= 0 && value <= highest; },
                     fmt::format("of at least 0 and at most {:g}", highest));
}

CLI::Validator one_of(std::string what, std::map<std::string, int> values) {
  return {[what = std::move(what), values = std::move(values)](std::string& text) {
            const auto at = values.find(text);
            if (at != values.end()) {
              text = std::to_string(at->second);
              return std::string();
            }
            std::vector<std::string> known;
            for (const auto& [name, value] : values) known.push_back(name);
            return unknown_name_message(what, text, known);
          },
          "NAME"};
}

std::string unknown_subcommand(const CLI::App& app, int count, const char* const* arguments) {
  if (count < 2 || arguments[1][0] == '-') return "";
  std::vector<std::string> known;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    known.push_back(command->get_name());
  if (std::find(known.begin(), known.end(), arguments[1]) != known.end()) return "";
  return unknown_name_message("subcommand", arguments[1], known);
}

std::string unknown_option(const CLI::App& app) {
  for (const CLI::App* command : app.get_subcommands()) {
    std::vector<std::string> known;
    for (const CLI::Option* option : command->get_options()) {
      for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
    }
    for (const std::string& argument : command->remaining()) {
      const std::string name = argument.substr(0, argument.find('='));
      if (name.starts_with("--") && name.size() > 2)
        return command->get_name() + ": " + unknown_name_message("option", name, known);
    }
  }
  return "";
}

}  // namespace sinew::cli
