// Each kernel is measured where it works: within the whole step, with the caches as the steps
// before leave them. A step is compiled several times, the k-th time with the k-th kernel wherever
// there is a choice, and the programs run in turn; a kind of request gets the sum of the medians of
// its steps.

#include "cli/tune.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "cli/command.h"
#include "compiler/compile.h"
#include "model/state.h"
#include "runtime/profile.h"
#include "runtime/tuning.h"
#include "sinew/base/error.h"
#include "sinew/io/file.h"

namespace sinew::cli {
namespace {

using runtime::Executable;
using runtime::KernelRequest;
using runtime::TuningTable;

/// What was measured of a kind of request.
struct Measured {
  /// The kernel that is made today.
  std::string present;
  /// Seconds by kernel, summed over the steps of the kind, and how many they were.
  std::map<std::string, std::pair<double, int>> seconds;

  double mean(const std::string& name) const {
    const auto& [sum, count] = seconds.at(name);
    return sum / count;
  }
  /// The present kernel stays unless another is faster by more than what one sees between two runs
  /// of the same.
  std::string best() const {
    constexpr double kGain = 0.98;
    std::string choice = seconds.contains(present) ? present : seconds.begin()->first;
    for (const auto& [name, unused] : seconds) {
      const double limit = (choice == present ? kGain : 1) * mean(choice);
      if (mean(name) < limit) choice = name;
    }
    return choice;
  }
};
using Measurements = std::map<std::string, Measured>;

/// A step compiled with the k-th of the kernels wherever there are several.
struct Variant {
  std::unique_ptr<Executable> executable;
  std::vector<runtime::CallTime> times;
  /// Of each step, the seconds of each run.
  std::vector<std::vector<double>> seconds;
};

std::vector<Variant> compile_variants(const PreparedStep& prepared) {
  std::vector<Variant> variants;
  std::size_t most = 1;
  for (std::size_t k = 0; k < most; ++k) {
    compiler::CompileOptions options;
    options.choose = [&](const KernelRequest&, const std::vector<std::string>& names) {
      most = std::max(most, names.size());
      return names.empty() ? std::string() : names[k % names.size()];
    };
    Variant variant;
    variant.executable =
        compiler::compile(model::step_graph(*prepared.model.state(), prepared.key), options);
    variant.times.resize(variant.executable->program().steps.size());
    variant.seconds.resize(variant.times.size());
    variants.push_back(std::move(variant));
  }
  return variants;
}

void run_in_turn(std::vector<Variant>& variants, const std::vector<Tensor>& batch) {
  using Clock = std::chrono::steady_clock;
  constexpr auto kBudget = std::chrono::seconds(2);
  constexpr int kFewest = 7, kMost = 200;
  for (Variant& variant : variants) variant.executable->run(batch);
  const auto start = Clock::now();
  for (int run = 0;
       run < kMost &&
       (run < kFewest || Clock::now() - start < kBudget * static_cast<int>(variants.size()));
       ++run) {
    for (Variant& variant : variants) {
      variant.executable->run(batch, variant.times);
      for (std::size_t i = 0; i < variant.times.size(); ++i) {
        const auto time = variant.times[i].end - variant.times[i].begin;
        variant.seconds[i].push_back(std::chrono::duration<double>(time).count());
      }
    }
  }
}

void collect(std::vector<Variant>& variants, Measurements& measurements) {
  runtime::Backend& backend = runtime::default_backend();
  for (Variant& variant : variants) {
    const runtime::Program& program = variant.executable->program();
    for (std::size_t i = 0; i < program.steps.size(); ++i) {
      KernelRequest request = runtime::request_of(program.steps[i]);
      request.implementation.clear();
      if (backend.implementations(request).size() < 2) continue;
      Measured& measured = measurements[runtime::request_kind(request)];
      measured.present = backend.choose(request);
      auto& [sum, count] = measured.seconds[program.steps[i].implementation];
      sum += runtime::median(variant.seconds[i]);
      ++count;
    }
  }
}

/// The table as it is, or a new one where there is none.
TuningTable read_table(const std::string& path) {
  if (path.empty()) {
    throw ValueError("there is no place for a tuning table: set SINEW_TUNING to the file to write");
  }
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code ignored;
  if (!folder.empty()) std::filesystem::create_directories(folder, ignored);
  if (!std::filesystem::exists(path)) io::write_file(path, TuningTable().str());
  return runtime::tuning_table();
}

void print_row(const std::string& kind, const Measured& measured) {
  fmt::print("{}\n", kind);
  for (const auto& [name, unused] : measured.seconds) {
    fmt::print("  {:<20} {:>9.4f} ms{}{}\n", name, measured.mean(name) * 1e3,
               name == measured.best() ? "  chosen" : "",
               name == measured.present && name != measured.best() ? "  (until now)" : "");
  }
}

Json as_json(const std::string& kind, const Measured& measured) {
  Json json = {{"request", kind}, {"chosen", measured.best()}, {"present", measured.present}};
  for (const auto& [name, unused] : measured.seconds)
    json["microseconds"][name] = measured.mean(name) * 1e6;
  return json;
}

}  // namespace

void tune(const std::vector<Workload>& workloads, bool json) {
  const std::string path = runtime::tuning_path();
  TuningTable table = read_table(path);
  const std::string machine = runtime::default_backend().machine();
  Measurements measurements;
  for (const Workload& workload : workloads) {
    if (!json) fmt::print(stderr, "measuring {}\n", workload.name);
    const PreparedStep prepared = workload.prepare();
    std::vector<Variant> variants = compile_variants(prepared);
    if (variants.size() < 2) continue;
    run_in_turn(variants, prepared.batch);
    collect(variants, measurements);
  }
  Json list = Json::array();
  for (const auto& [kind, measured] : measurements) {
    TuningTable::Choice choice{measured.best()};
    for (const auto& [name, unused] : measured.seconds)
      choice.microseconds[name] = measured.mean(name) * 1e6;
    table.set(machine, kind, std::move(choice));
    list.push_back(as_json(kind, measured));
    if (!json) print_row(kind, measured);
  }
  io::write_file(path, table.str());
  if (json) {
    print_json(list);
  } else {
    fmt::print("{}: {} choices for {}, identity {}\n", path, table.size(machine), machine,
               table.identity(machine));
  }
}

}  // namespace sinew::cli
