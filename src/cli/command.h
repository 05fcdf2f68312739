#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

namespace sinew::cli {

using Json = nlohmann::ordered_json;

/// Each subcommand of the program adds itself: its options and what it does, which main() calls
/// when it was chosen.
void add_train(CLI::App& app, std::function<void()>& chosen);
void add_evaluate(CLI::App& app, std::function<void()>& chosen);
void add_predict(CLI::App& app, std::function<void()>& chosen);
void add_summary(CLI::App& app, std::function<void()>& chosen);
void add_inspect(CLI::App& app, std::function<void()>& chosen);
void add_bench(CLI::App& app, std::function<void()>& chosen);
void add_profile(CLI::App& app, std::function<void()>& chosen);
void add_info(CLI::App& app, std::function<void()>& chosen);
void add_find_lr(CLI::App& app, std::function<void()>& chosen);
void add_watch(CLI::App& app, std::function<void()>& chosen);

/// The one thing a command writes to standard output when --json is given.
void print_json(const Json& json);

}  // namespace sinew::cli
