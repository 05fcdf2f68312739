#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace sinew::cli {

/// Checks of numbers on the command line, which say what was given and what may be.
CLI::Validator at_least_one();
CLI::Validator above_zero();

/// The first argument when it should be a subcommand but is none, as a message with the nearest
/// one; otherwise empty.
std::string unknown_subcommand(const CLI::App& app, int count, const char* const* arguments);
/// The first option that the chosen subcommand does not have, as a message with the nearest one;
/// empty when a parse failed for another reason.
std::string unknown_option(const CLI::App& app);

}  // namespace sinew::cli
