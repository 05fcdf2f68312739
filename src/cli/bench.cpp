#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <memory>

#include "cli/command.h"
#include "cli/tune.h"
#include "cli/workloads.h"
#include "sinew/base/parallel.h"
#include "sinew/runtime/machine.h"

namespace sinew::cli {
namespace {

struct Options {
  std::vector<std::string> names;
  /// Several: each workload runs with each, and the last is what the other columns tell of.
  std::vector<int> threads;
  bool tune = false;
  bool json = false;
};

/// A step made for a number of threads, and the shortest of its runs so far.
struct Timed {
  int threads;
  PreparedStep step;
  double seconds = std::numeric_limits<double>::infinity();
};

/// The shortest run with each number of threads. They take turns, a few runs each, so that what
/// else the machine does meets all of them.
std::vector<Timed> measure(const Workload& workload, const std::vector<int>& threads) {
  std::vector<Timed> list;
  for (int count : threads) {
    // Kernels are made for the number of threads that is set.
    set_num_threads(count);
    list.push_back({count, workload.prepare()});
  }
  constexpr double kBudget = 2.0;
  constexpr int kRuns = 1000, kTurn = 10;
  double spent = 0;
  for (int run = 0; run < kRuns && (run == 0 || spent < kBudget * static_cast<double>(list.size()));
       run += kTurn) {
    for (Timed& timed : list) {
      set_num_threads(timed.threads);
      for (int turn = 0; turn < kTurn; ++turn) {
        const auto begin = std::chrono::steady_clock::now();
        timed.step.run();
        const double seconds =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        timed.seconds = std::min(timed.seconds, seconds);
        spent += seconds;
      }
    }
  }
  return list;
}

/// Of the step's memory plan: its arena, and the variables it reads and updates.
double megabytes(const Timed& timed) {
  const runtime::Program& program = timed.step.step->program();
  std::int64_t bytes = program.arena_bytes;
  for (const auto& variable : program.variables)
    bytes += static_cast<std::int64_t>(variable->value().bytes());
  return static_cast<double>(bytes) / (1024.0 * 1024.0);
}

/// How many times faster than with the first number of threads.
double scaling(const std::vector<Timed>& list) { return list[0].seconds / list.back().seconds; }

void print_head(const std::vector<int>& threads, double peak) {
  fmt::print("FMA peak {:.0f} GFLOP/s with {} threads\n{:<30} {:>9} {:>9} {:>7} {:>7} {:>9} {:>7}",
             peak / 1e9, threads.back(), "name", "ms", "GFLOP/s", "peak", "MB", "floor ms", "ratio");
  if (threads.size() > 1) {
    for (int count : threads) fmt::print(" {:>9}", fmt::format("ms, {} thr", count));
    fmt::print(" {:>7}", "scaling");
  }
  fmt::print("\n");
}

void print_row(const std::string& name, const std::vector<Timed>& list, double peak, double floor) {
  const double seconds = list.back().seconds;
  const double rate = list.back().step.step->program().flops() / seconds;
  fmt::print("{:<30} {:>9.3f} {:>9.1f} {:>6.1f}% {:>7.1f}", name, seconds * 1e3, rate / 1e9,
             100 * rate / peak, megabytes(list.back()));
  if (floor > 0) {
    fmt::print(" {:>9.3f} {:>7.2f}", floor * 1e3, seconds / floor);
  } else {
    fmt::print(" {:>9} {:>7}", "-", "-");
  }
  if (list.size() > 1) {
    for (const Timed& timed : list) fmt::print(" {:>9.3f}", timed.seconds * 1e3);
    fmt::print(" {:>7.2f}", scaling(list));
  }
  fmt::print("\n");
}

Json as_json(const std::string& name, const std::vector<Timed>& list, double peak, double floor) {
  const double seconds = list.back().seconds;
  const double rate = list.back().step.step->program().flops() / seconds;
  Json json = {{"name", name},
               {"ms", seconds * 1e3},
               {"gflops", rate / 1e9},
               {"peak_share", rate / peak},
               {"floor_ms", floor > 0 ? Json(floor * 1e3) : Json(nullptr)},
               {"memory_mb", megabytes(list.back())}};
  if (list.size() > 1) {
    for (const Timed& timed : list)
      json["ms_by_threads"][std::to_string(timed.threads)] = timed.seconds * 1e3;
    json["scaling"] = scaling(list);
  }
  return json;
}

void bench(const Options& options) {
  const std::vector<Workload> chosen = find_workloads(options.names);
  if (options.tune) {
    if (!options.threads.empty()) set_num_threads(options.threads.back());
    return tune(chosen, options.json);
  }
  const std::vector<int> threads =
      options.threads.empty() ? std::vector<int>{num_threads()} : options.threads;
  set_num_threads(threads.back());
  const double peak = measure_machine().fma_flops;
  Json json = Json::array();
  if (!options.json) print_head(threads, peak);
  for (const Workload& workload : chosen) {
    const std::vector<Timed> list = measure(workload, threads);
    const double floor = workload.floor_seconds ? workload.floor_seconds() : 0;
    if (options.json) {
      json.push_back(as_json(workload.name, list, peak, floor));
    } else {
      print_row(workload.name, list, peak, floor);
    }
  }
  if (options.json) print_json(json);
}

}  // namespace

void add_bench(CLI::App& app, std::function<void()>& chosen) {
  CLI::App* command = app.add_subcommand(
      "bench", "Measure steps against the sum of their oneDNN primitives, in one run");
  const auto options = std::make_shared<Options>();
  command->add_option("names", options->names, "Which (default: all)");
  command
      ->add_option("--threads", options->threads,
                   "Default: all cores; several (1,2) show how steps scale from the first to the "
                   "last")
      ->delimiter(',')
      ->check(CLI::PositiveNumber);
  command->add_flag("--tune", options->tune,
                    "Measure every kernel that could compute a step and write the fastest into the "
                    "tuning table: $SINEW_TUNING, or ~/.config/sinew/tuning.json");
  command->add_flag("--json", options->json,
                    "Print a JSON list of name, ms, gflops, peak_share, floor_ms; with several "
                    "--threads also ms_by_threads, scaling");
  command->callback([options, &chosen] { chosen = [options] { bench(*options); }; });
}

}  // namespace sinew::cli
