#include <fmt/format.h>

#include <memory>

#include "cli/command.h"
#include "cli/workloads.h"
#include "sinew/base/error.h"
#include "sinew/base/parallel.h"
#include "sinew/base/suggest.h"
#include "sinew/runtime/machine.h"

namespace sinew::cli {
namespace {

struct Options {
  std::vector<std::string> names;
  int threads = 0;
  bool json = false;
};

void bench(const Options& options) {
  if (options.threads > 0) set_num_threads(options.threads);
  std::vector<std::string> known;
  for (const Workload& workload : workloads()) known.push_back(workload.name);
  for (const std::string& name : options.names) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      throw ValueError(unknown_name_message("benchmark", name, known));
    }
  }
  const double peak = measure_machine().fma_flops;
  Json list = Json::array();
  if (!options.json) {
    fmt::print("FMA peak {:.0f} GFLOP/s with {} threads\n{:<30} {:>9} {:>9} {:>7} {:>9} {:>7}\n",
               peak / 1e9, num_threads(), "name", "ms", "GFLOP/s", "peak", "floor ms", "ratio");
  }
  for (const Workload& workload : workloads()) {
    if (!options.names.empty() && std::find(options.names.begin(), options.names.end(),
                                            workload.name) == options.names.end()) {
      continue;
    }
    const Measurement m = workload.measure();
    const double rate = m.flops / m.seconds;
    if (options.json) {
      list.push_back({{"name", workload.name},
                      {"ms", m.seconds * 1e3},
                      {"gflops", rate / 1e9},
                      {"peak_share", rate / peak},
                      {"floor_ms", m.floor_seconds * 1e3}});
    } else {
      fmt::print("{:<30} {:>9.3f} {:>9.1f} {:>6.1f}% {:>9.3f} {:>7.2f}\n", workload.name,
                 m.seconds * 1e3, rate / 1e9, 100 * rate / peak, m.floor_seconds * 1e3,
                 m.seconds / m.floor_seconds);
    }
  }
  if (options.json) print_json(list);
}

}  // namespace

void add_bench(CLI::App& app, std::function<void()>& chosen) {
  CLI::App* command = app.add_subcommand(
      "bench", "Measure training steps against the sum of their oneDNN primitives, in one run");
  const auto options = std::make_shared<Options>();
  command->add_option("names", options->names, "Which (default: all)");
  command->add_option("--threads", options->threads, "Default: all cores")
      ->check(CLI::PositiveNumber);
  command->add_flag("--json", options->json,
                    "Print a JSON list of name, ms, gflops, peak_share, floor_ms");
  command->callback([options, &chosen] { chosen = [options] { bench(*options); }; });
}

}  // namespace sinew::cli
