#include <fmt/format.h>
#include <malloc.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <exception>

#include "cli/command.h"
#include "sinew/base/error.h"

namespace sinew::cli {

void print_json(const Json& json) { fmt::print("{}\n", json.dump(2)); }

namespace {

/// 0: done; 2: the user's mistake (arguments, data, files); 1: anything else.
int run(int count, char** arguments) {
  CLI::App app{"Sinew: Keras in C++. Trains, evaluates and runs neural networks.", "sinew"};
  app.set_version_flag("--version", SINEW_VERSION);
  app.require_subcommand(1);
  std::function<void()> chosen;
  add_train(app, chosen);
  add_evaluate(app, chosen);
  add_predict(app, chosen);
  add_summary(app, chosen);
  add_inspect(app, chosen);
  add_bench(app, chosen);
  add_profile(app, chosen);
  add_info(app, chosen);
  try {
    app.parse(count, arguments);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  try {
    chosen();
    return 0;
  } catch (const InternalError& error) {
    fmt::print(stderr, "sinew: internal error: {}\n", error.what());
    return 1;
  } catch (const Error& error) {
    fmt::print(stderr, "sinew: {}\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "sinew: {}\n", error.what());
    return 1;
  }
}

}  // namespace
}  // namespace sinew::cli

int main(int count, char** arguments) {
  // Large blocks are given back to the system when they are freed. By default the C library keeps
  // more and more of them, so that what reading a data set took would stay resident.
  mallopt(M_MMAP_THRESHOLD, 1 << 16);
  // Standard output is for what a command gives: messages go beside it.
  spdlog::set_default_logger(spdlog::stderr_color_mt("sinew"));
  return sinew::cli::run(count, arguments);
}
