#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <memory>
#include <string_view>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/models.h"
#include "cli/pictures.h"
#include "cli/trained_on.h"
#include "model/files.h"
#include "model/state.h"
#include "sinew/base/error.h"
#include "sinew/base/parallel.h"
#include "sinew/io/file.h"
#include "sinew/model/callbacks.h"
#include "sinew/nn/session.h"

namespace sinew::cli {
namespace {

struct Options {
  std::string model, data, out, label = "-1", checkpoint, resume, backup, plots, profile, log,
                                dtype_policy;
  int epochs = 1;
  std::int64_t batch_size = 32;
  std::int64_t checkpoint_every = 0;
  std::uint64_t seed = 0;
  double learning_rate = 0;
  Task task = Task::Auto;
  double validation_split = 0;
  int threads = 0;
  bool json = false;
  bool quiet = false;
};

double peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024.0;
}

/// What the memory plan announces, and the data set, as the model was given it.
double planned_megabytes(const Model& model, const Dataset& data) {
  auto bytes = static_cast<std::size_t>(model.memory_plan().total());
  for (const Tensor* tensor : {&data.x, &data.y, &data.x_test, &data.y_test}) {
    if (tensor->defined()) bytes += tensor->bytes();
  }
  return static_cast<double>(bytes) / (1024.0 * 1024.0);
}

struct NamedPath {
  std::string_view option;
  std::string path;
};

bool same_file(const std::string& a, const std::string& b) {
  std::error_code error;
  return std::filesystem::weakly_canonical(a, error) == std::filesystem::weakly_canonical(b, error);
}

/// Whether a file there is one of a data set's folder: tables, images and labels, packed or not.
bool is_of_data(const std::string& path, const std::string& data) {
  std::error_code error;
  const std::filesystem::path file = std::filesystem::weakly_canonical(path, error);
  const std::filesystem::path folder = std::filesystem::weakly_canonical(data, error);
  if (!std::filesystem::is_directory(folder, error) || !std::filesystem::exists(file, error))
    return false;
  const auto [end, unused] = std::mismatch(folder.begin(), folder.end(), file.begin(), file.end());
  const std::string name = file.filename().string();
  const auto ends = [&](const char* ending) { return name.ends_with(ending); };
  return end == folder.end() && (ends("ubyte") || ends(".gz") || ends(".txt") || ends(".csv"));
}

/// Throws ValueError where an output is a file that the run reads, or another output. A checkpoint
/// may go on in the file that it resumes from.
void check_paths(const Options& options) {
  const std::vector<NamedPath> outputs = {{"--out", options.out},
                                          {"--checkpoint", options.checkpoint},
                                          {"--profile", options.profile},
                                          {"--log", options.log}};
  const std::vector<NamedPath> inputs = {
      {"--model", options.model}, {"--data", options.data}, {"--resume", options.resume}};
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const NamedPath& output = outputs[i];
    if (output.path.empty()) continue;
    for (std::size_t k = i + 1; k < outputs.size(); ++k) {
      if (outputs[k].path.empty() || !same_file(output.path, outputs[k].path)) continue;
      throw ValueError(fmt::format("{} and {} are both '{}': give each a file of its own",
                                   output.option, outputs[k].option, output.path));
    }
    for (const NamedPath& input : inputs) {
      const bool goes_on = output.option == "--checkpoint" && input.option == "--resume";
      if (input.path.empty() || goes_on) continue;
      if (same_file(output.path, input.path) || is_of_data(output.path, input.path)) {
        throw ValueError(fmt::format("{} '{}' would overwrite what {} reads: name another file",
                                     output.option, output.path, input.option));
      }
    }
  }
}

/// The logger for a file, by its ending.
CallbackPtr logger_of(const std::string& path) {
  if (path.ends_with(".csv")) return callbacks::CSVLogger(path);
  if (path.ends_with(".jsonl")) return callbacks::JSONLogger(path);
  throw ValueError(
      fmt::format("--log '{}': name a file that ends in .jsonl (a JSON object an epoch) or .csv (a "
                  "table)",
                  path));
}

/// What is written after the training is tried before it.
void check_outputs(const Options& options) {
  check_paths(options);
  model::check_model_path(options.out);
  model::check_checkpoint_path(options.checkpoint);
  for (const std::string* path : {&options.out, &options.checkpoint}) {
    if (!path->empty()) io::check_writable(*path);
  }
  if (!options.plots.empty()) make_picture_folder(options.plots);
}

/// A resumed training goes on at the checkpoint's learning rate.
void check_learning_rate(const Options& options, const Model& model) {
  const Model then = load_model(options.resume);
  if (then.compiled() && then.learning_rate() != model.learning_rate()) {
    throw ValueError(fmt::format(
        "checkpoint '{}' is of a training with learning rate {:.6g}, which goes on with it; "
        "--learning-rate {:.6g} would be another: leave it out, or train anew",
        options.resume, then.learning_rate(), options.learning_rate));
  }
}

void train(const Options& options) {
  if (options.threads > 0) set_num_threads(options.threads);
  // The program and its libraries, before there is anything to train.
  const double program_megabytes = peak_megabytes();
  set_random_seed(options.seed);
  check_outputs(options);
  FitArguments fit;
  if (!options.log.empty()) fit.callbacks.push_back(logger_of(options.log));
  if (!options.backup.empty()) {
    fit.callbacks.push_back(
        callbacks::BackupAndRestore(options.backup, {.save_freq = options.checkpoint_every}));
  }
  Dataset data = load_dataset(options.data, options.label);
  Model model =
      make_model(options.model, data, options.task, {options.learning_rate, options.dtype_policy});
  if (!options.resume.empty() && options.learning_rate > 0) check_learning_rate(options, model);
  keep_trained_on(model, data);
  if (!options.quiet) {
    fmt::print(stderr, "{}", model.summary());
    if (data.layout && data.layout->classes.empty() && options.task == Task::Auto) {
      fmt::print(stderr, "Column '{}' holds numbers, taken as {} (see --task).\n",
                 data.layout->label,
                 data.classes > 0 ? fmt::format("{} classes", data.classes) : "values to predict");
    }
  }

  fit.epochs = options.epochs;
  fit.batch_size = options.batch_size;
  fit.validation_split = options.validation_split;
  fit.checkpoint = options.checkpoint;
  // Backups have taken theirs.
  if (options.backup.empty() || !options.checkpoint.empty())
    fit.checkpoint_every = options.checkpoint_every;
  fit.resume = options.resume;
  fit.profile = options.profile;
  fit.seed = static_cast<std::int64_t>(options.seed);
  if (options.quiet) fit.verbose = 0;
  const auto begin = std::chrono::steady_clock::now();
  const History history =
      model.fit(inputs_for(model, data.x), targets_for(model, data.y, data.classes), fit);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();

  // Before anything that could fail: what was learned must not be lost.
  if (!options.out.empty()) model.save(options.out);

  Json result;
  result["model"] = options.model;
  result["data"] = options.data;
  for (const auto& [name, series] : history.series()) {
    if (!series.empty()) result[name] = series.back();
  }
  if (data.x_test.defined()) {
    const Logs test = model.evaluate(inputs_for(model, data.x_test),
                                     targets_for(model, data.y_test, data.classes),
                                     {.batch_size = options.batch_size, .verbose = 0});
    for (const auto& [name, value] : test) result["test_" + name] = value;
  }
  result["epochs"] = options.epochs;
  result["steps"] = model.iterations();
  result["seconds"] = seconds;
  result["peak_mb"] = peak_megabytes();
  result["planned_mb"] = program_megabytes + planned_megabytes(model, data);
  result["parameters"] = model.count_params();
  if (options.json) {
    print_json(result);
  } else if (result.contains("test_accuracy")) {
    fmt::print("test accuracy: {:.4f}\n", result["test_accuracy"].get<double>());
  }
  // After the results, which a full disk must not take along.
  if (!options.plots.empty()) draw_training(options.plots, history, model, data);
}

}  // namespace

void add_train(CLI::App& app, std::function<void()>& chosen) {
  CLI::App* command = app.add_subcommand("train", "Train a model and save it");
  const auto options = std::make_shared<Options>();
  command
      ->add_option(
          "--model", options->model,
          fmt::format("{}, or a JSON file of Keras's config shape", fmt::join(model_names(), ", ")))
      ->required();
  command
      ->add_option("--data", options->data,
                   "fashion-mnist, a folder of IDX or UCI HAR files, or a .csv file")
      ->required();
  command->add_option("--label", options->label,
                      "Column of a .csv file to learn, by name or number (default: the last)");
  command
      ->add_option("--task", options->task,
                   "What whole numbers in the label column are: classes (classification), values "
                   "to predict (regression), or (auto, default) classes when all are below 20 and "
                   "the model tells classes apart")
      ->transform(one_of<Task>("task", {{"auto", Task::Auto},
                                        {"classification", Task::Classification},
                                        {"regression", Task::Regression}}));
  command->add_option("--epochs", options->epochs, "Passes over the data")
      ->transform(at_least_one());
  command->add_option("--batch-size", options->batch_size, "Rows a step")
      ->transform(at_least_one());
  command->add_option("--learning-rate", options->learning_rate, "Default: the optimizer's")
      ->transform(number_above_zero(1e6));
  command
      ->add_option("--validation-split", options->validation_split,
                   "Share of the rows, the last, kept for validation")
      ->transform(share_up_to(0.999));
  command->add_option(
      "--dtype-policy", options->dtype_policy,
      "mixed_bfloat16 computes in bfloat16 with float32 weights (default: float32)");
  command->add_option("--seed", options->seed, "Keys weights, shuffling and dropout")
      ->transform(whole_number(0, std::numeric_limits<std::int64_t>::max()));
  command->add_option("--threads", options->threads, "Default: all cores")
      ->transform(at_least_one());
  command->add_option("--out", options->out,
                      "File to save the model to (.keras for Keras, or .safetensors)");
  command->add_option("--checkpoint", options->checkpoint, "File to write checkpoints to");
  command
      ->add_option("--checkpoint-every", options->checkpoint_every,
                   "Steps between checkpoints or backups (default: an epoch)")
      ->transform(at_least_one());
  command->add_option("--resume", options->resume, "Checkpoint to go on from");
  command->add_option("--backup", options->backup,
                      "Folder for backups: the same command, started again after it was killed, "
                      "goes on from there; removed when the training is done");
  command->add_option("--log", options->log,
                      "File to write each epoch's results to as it ends, .jsonl or .csv; see "
                      "`sinew watch`");
  command->add_option("--profile", options->profile,
                      "File to write a trace of the first steps' kernels to, for chrome://tracing "
                      "or ui.perfetto.dev");
  command->add_option(
      "--plots", options->plots,
      "Folder for pictures: training curves, and predictions where data are images");
  command->add_flag("--json", options->json, "Print one JSON object on standard output");
  command->add_flag("--quiet", options->quiet, "No progress");
  command->callback([options, &chosen] { chosen = [options] { train(*options); }; });
}

}  // namespace sinew::cli
