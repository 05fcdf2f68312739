#include "cli/arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "sinew/base/suggest.h"

namespace sinew::cli {
namespace {

std::optional<double> number_of(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

CLI::Validator at_least_one() {
  return {[](const std::string& text) {
            const std::optional<double> value = number_of(text);
            if (value && *value >= 1) return std::string();
            return fmt::format("{} is given, but it must be a number of at least 1", text);
          },
          "AT LEAST 1"};
}

CLI::Validator above_zero() {
  return {[](const std::string& text) {
            const std::optional<double> value = number_of(text);
            if (value && *value > 0) return std::string();
            return fmt::format("{} is given, but it must be a number above 0", text);
          },
          "ABOVE 0"};
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
