#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>

#include "cli/arguments.h"
#include "cli/models.h"
#include "cli/named_model.h"
#include "cli/profile_report.h"
#include "cli/workloads.h"
#include "sinew/base/error.h"
#include "sinew/base/parallel.h"
#include "sinew/base/suggest.h"
#include "sinew/io/file.h"

namespace sinew::cli {
namespace {

using model::Mode;

struct Options {
  std::string name, data, label = "-1", trace;
  std::int64_t batch_size = 32;
  bool batch_size_given = false;
  std::string mode = "train";
  bool mode_given = false;
  ProfileOrder order = ProfileOrder::Program;
  int runs = 0;
  int threads = 0;
  bool json = false;
  bool markdown = false;
};

const Workload* find_workload(const std::string& name) {
  for (const Workload& workload : workloads()) {
    if (workload.name == name) return &workload;
  }
  return nullptr;
}

void check_name(const std::string& name) {
  if (is_model_file(name) || name.ends_with(".json")) return;
  std::vector<std::string> known = model_names();
  for (const Workload& workload : workloads()) known.push_back(workload.name);
  if (std::find(known.begin(), known.end(), name) != known.end()) return;
  throw ValueError(unknown_name_message("model or benchmark", name, known) +
                   "; or a model file, or FILE.json");
}

PreparedStep prepare_model(const Options& options) {
  const Mode mode = options.mode == "train" ? Mode::Train : Mode::Predict;
  if (options.data.empty()) {
    return prepare_step(model_to_show(options.name), mode, options.batch_size);
  }
  Dataset data = load_dataset(options.data, options.label);
  Model model =
      is_model_file(options.name) ? load_model(options.name) : make_model(options.name, data);
  const std::int64_t rows = data.x.shape()[0];
  if (rows < options.batch_size) {
    throw ValueError(fmt::format("--batch-size is {}, but {} has {} rows", options.batch_size,
                                 options.data, rows));
  }
  const Tensor x = inputs_for(model, data.x).rows(0, options.batch_size);
  if (mode == Mode::Predict) return prepare_step(model, mode, x, {});
  const Tensor y = targets_for(model, data.y, data.classes).rows(0, options.batch_size);
  return prepare_step(model, mode, x, y);
}

PreparedStep prepare(const Options& options) {
  check_name(options.name);
  const Workload* workload = find_workload(options.name);
  if (!workload) return prepare_model(options);
  if (!options.data.empty() || options.batch_size_given || options.mode_given) {
    throw ValueError(
        fmt::format("benchmark '{}' is one step on data of its own; --data, "
                    "--batch-size and --mode are for models",
                    options.name));
  }
  return workload->prepare();
}

std::string mode_text(const PreparedStep& prepared) {
  const std::int64_t rows = prepared.batch.at(0).shape()[0];
  return fmt::format("{}, batch {}",
                     prepared.key.mode == Mode::Train ? "training step" : "prediction", rows);
}

void profile(const Options& options) {
  if (options.threads > 0) set_num_threads(options.threads);
  if (!options.trace.empty()) io::check_writable(options.trace);
  const PreparedStep prepared = prepare(options);
  io::ChromeTrace trace("sinew profile " + options.name);
  ProfileReport report{.name = options.name,
                       .mode = mode_text(prepared),
                       .threads = num_threads(),
                       .peak = measure_machine(),
                       .program = &prepared.step->program(),
                       .profile = {}};
  report.profile = runtime::profile(
      *report.program,
      [&](std::span<runtime::CallTime> times) { prepared.step->run(prepared.batch, times); },
      {.runs = options.runs,
       .peak = report.peak,
       .trace = options.trace.empty() ? nullptr : &trace});
  if (!options.trace.empty()) trace.write(options.trace);
  if (options.json) {
    print_json(profile_json(report));
  } else {
    fmt::print("{}",
               options.markdown ? profile_markdown(report) : profile_text(report, options.order));
  }
}

}  // namespace

void add_profile(CLI::App& app, std::function<void()>& chosen) {
  CLI::App* command =
      app.add_subcommand("profile", "Measure every kernel of a step against the machine's peaks");
  const auto options = std::make_shared<Options>();
  command
      ->add_option("name", options->name,
                   fmt::format("A benchmark (see `sinew bench`), {}, a model file or a JSON file",
                               fmt::join(model_names(), ", ")))
      ->required();
  command->add_option("--data", options->data,
                      "Data to run on, as for `sinew train` (default: made-up numbers)");
  command->add_option("--label", options->label, "Column of a .csv file to learn");
  CLI::Option* batch_size =
      command->add_option("--batch-size", options->batch_size, "Rows a step (default: 32)")
          ->transform(at_least_one());
  CLI::Option* mode = command->add_option("--mode", options->mode, "train (default) or predict")
                          ->check(CLI::IsMember({"train", "predict"}));
  command->add_option("--order", options->order, "Order of the steps: program (default) or time")
      ->transform(one_of<ProfileOrder>(
          "order", {{"program", ProfileOrder::Program}, {"time", ProfileOrder::Time}}));
  command
      ->add_option("--runs", options->runs,
                   "Runs to take medians of (default: what two seconds allow, 5 to 200)")
      ->transform(at_least_one());
  command->add_option("--threads", options->threads, "Default: all cores")
      ->transform(at_least_one());
  command->add_option("--trace", options->trace,
                      "File to write the first runs to, for chrome://tracing or ui.perfetto.dev");
  CLI::Option* json = command->add_flag("--json", options->json, "Print one JSON object");
  command
      ->add_flag("--markdown", options->markdown, "Print a table in Markdown, a row a kind of call")
      ->excludes(json);
  command->callback([options, batch_size, mode, &chosen] {
    options->batch_size_given = batch_size->count() > 0;
    options->mode_given = mode->count() > 0;
    chosen = [options] { profile(*options); };
  });
}

}  // namespace sinew::cli
