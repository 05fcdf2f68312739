#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>
#include <system_error>

#include "cli/arguments.h"
#include "cli/command.h"
#include "sinew/base/error.h"

namespace sinew::cli {

void print_json(const Json& json) { fmt::print("{}\n", json.dump(2)); }

namespace {

/// What is left in the buffer reaches the file, or the user hears that it did not.
int flushed(int code) {
  errno = 0;
  if (std::fflush(stdout) == 0 && !std::ferror(stdout)) return code;
  // An earlier piece that did not get through leaves no reason.
  fmt::print(stderr, "sinew: cannot write standard output: {}\n",
             errno == 0 ? "a part of it was lost; is the disk full?" : std::strerror(errno));
  return code == 0 ? 2 : code;
}

int parse(CLI::App& app, int count, char** arguments) {
  const std::string unknown = unknown_subcommand(app, count, arguments);
  if (!unknown.empty()) {
    fmt::print(stderr, "sinew: {}\n", unknown);
    return 2;
  }
  try {
    app.parse(count, arguments);
    return 0;
  } catch (const CLI::ParseError& error) {
    const std::string option = unknown_option(app);
    if (error.get_exit_code() == 0) return app.exit(error), -1;
    if (option.empty()) {
      fmt::print(stderr, "sinew: {}\nRun with --help for more information.\n", error.what());
    } else {
      fmt::print(stderr, "sinew {}\n", option);
    }
    return 2;
  }
}

int call(const std::function<void()>& chosen) {
  try {
    chosen();
    return 0;
  } catch (const InternalError& error) {
    fmt::print(stderr, "sinew: internal error: {}\n", error.what());
    return 1;
  } catch (const Error& error) {
    fmt::print(stderr, "sinew: {}\n", error.what());
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "sinew: memory does not suffice; try smaller data, batches or models\n");
  } catch (const std::system_error& error) {
    // Files that cannot be reached or written, standard output among them.
    fmt::print(stderr, "sinew: {}\n", error.what());
  } catch (const std::exception& error) {
    fmt::print(stderr, "sinew: {}\n", error.what());
    return 1;
  }
  return 2;
}

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
  add_find_lr(app, chosen);
  add_watch(app, chosen);
  add_info(app, chosen);
  const int parsed = parse(app, count, arguments);
  // -1: help or the version was printed, and there is nothing more to do.
  if (parsed != 0) return flushed(std::max(parsed, 0));
  return flushed(call(chosen));
}

}  // namespace
}  // namespace sinew::cli

int main(int count, char** arguments) {
  // Large blocks are given back to the system when they are freed. By default the C library keeps
  // more and more of them, so that what reading a data set took would stay resident.
  mallopt(M_MMAP_THRESHOLD, 1 << 16);
  return sinew::cli::run(count, arguments);
}
