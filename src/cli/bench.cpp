#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <memory>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/tune.h"
#include "cli/workloads.h"
#include "sinew/base/parallel.h"
#include "sinew/runtime/floor.h"
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

  double run(int times) {
    set_num_threads(threads);
    double spent = 0;
    for (int i = 0; i < times; ++i) {
      const auto begin = std::chrono::steady_clock::now();
      step.run();
      const double run_seconds =
          std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
      seconds = std::min(seconds, run_seconds);
      spent += run_seconds;
    }
    return spent;
  }
};

/// A workload measured, and what it is compared with.
struct Measured {
  /// One a number of threads; the last is what most columns tell of.
  std::vector<Timed> steps;
  /// 0 where there is nothing to compare with.
  double floor_seconds = 0;
  /// The largest of all tries so far: what else the machine does makes each of them smaller.
  double peak = 0;

  double seconds() const { return steps.back().seconds; }
  double flops() const { return steps.back().step.step->program().flops(); }
  /// How many times faster than with the first number of threads.
  double scaling() const { return steps[0].seconds / seconds(); }
};

/// The shortest run with each number of threads, of the primitives, and the peak. They take turns,
/// a few runs each and as many of the one as of the other, so that what else the machine does meets
/// all of them.
Measured measure(const Workload& workload, const std::vector<int>& threads, double peak) {
  Measured m;
  m.peak = peak;
  for (int count : threads) {
    // Kernels are made for the number of threads that is set.
    set_num_threads(count);
    m.steps.push_back({count, workload.prepare()});
  }
  runtime::PrimitiveTimer primitives(workload.primitives ? workload.primitives()
                                                         : std::vector<runtime::Primitive>());
  const double budget = 2.0 * static_cast<double>(threads.size());
  constexpr double kBetweenPeaks = 0.25;
  constexpr int kRuns = 1000, kTurn = 10;
  double spent = 0, peak_due = 0;
  for (int run = 0; run < kRuns && (run == 0 || spent < budget); run += kTurn) {
    for (Timed& timed : m.steps) spent += timed.run(kTurn);
    primitives.run(kTurn);
    if (spent < peak_due) continue;
    peak_due = spent + kBetweenPeaks;
    m.peak = std::max(m.peak, measure_fma_flops());
  }
  m.floor_seconds = primitives.seconds();
  return m;
}

/// Of the step's memory plan: its arena, and the variables it reads and updates.
double megabytes(const Timed& timed) {
  const runtime::Program& program = timed.step.step->program();
  return static_cast<double>(program.arena_bytes + program.variable_bytes()) / (1024.0 * 1024.0);
}

void print_head(const std::vector<int>& threads, double peak) {
  fmt::print("FMA peak {:.0f} GFLOP/s with {} threads\n{:<30} {:>9} {:>9} {:>7} {:>7} {:>9} {:>7}",
             peak / 1e9, threads.back(), "name", "ms", "GFLOP/s", "peak", "MB", "floor ms",
             "ratio");
  if (threads.size() > 1) {
    for (int count : threads) fmt::print(" {:>9}", fmt::format("ms, {} thr", count));
    fmt::print(" {:>7}", "scaling");
  }
  fmt::print("\n");
}

void print_row(const std::string& name, const Measured& m) {
  const double rate = m.flops() / m.seconds();
  fmt::print("{:<30} {:>9.3f} {:>9.1f} {:>6.1f}% {:>7.1f}", name, m.seconds() * 1e3, rate / 1e9,
             100 * rate / m.peak, megabytes(m.steps.back()));
  if (m.floor_seconds > 0) {
    fmt::print(" {:>9.3f} {:>7.2f}", m.floor_seconds * 1e3, m.seconds() / m.floor_seconds);
  } else {
    fmt::print(" {:>9} {:>7}", "-", "-");
  }
  if (m.steps.size() > 1) {
    for (const Timed& timed : m.steps) fmt::print(" {:>9.3f}", timed.seconds * 1e3);
    fmt::print(" {:>7.2f}", m.scaling());
  }
  fmt::print("\n");
}

Json as_json(const std::string& name, const Measured& m) {
  const double rate = m.flops() / m.seconds();
  Json json = {{"name", name},
               {"ms", m.seconds() * 1e3},
               {"gflops", rate / 1e9},
               {"peak_share", rate / m.peak},
               {"floor_ms", m.floor_seconds > 0 ? Json(m.floor_seconds * 1e3) : Json(nullptr)},
               {"memory_mb", megabytes(m.steps.back())}};
  if (m.steps.size() > 1) {
    for (const Timed& timed : m.steps)
      json["ms_by_threads"][std::to_string(timed.threads)] = timed.seconds * 1e3;
    json["scaling"] = m.scaling();
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
  double peak = measure_fma_flops();
  Json json = Json::array();
  if (!options.json) print_head(threads, peak);
  for (const Workload& workload : chosen) {
    const Measured measured = measure(workload, threads, peak);
    peak = measured.peak;
    if (options.json) {
      json.push_back(as_json(workload.name, measured));
    } else {
      print_row(workload.name, measured);
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
      ->transform(at_least_one());
  command->add_flag("--tune", options->tune,
                    "Measure every kernel that could compute a step and write the fastest into the "
                    "tuning table: $SINEW_TUNING, or ~/.config/sinew/tuning.json");
  command->add_flag("--json", options->json,
                    "Print a JSON list of name, ms, gflops, peak_share, floor_ms; with several "
                    "--threads also ms_by_threads, scaling");
  command->callback([options, &chosen] { chosen = [options] { bench(*options); }; });
}

}  // namespace sinew::cli
