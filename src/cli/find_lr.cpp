#include <fmt/format.h>

#include <limits>
#include <memory>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/models.h"
#include "sinew/base/parallel.h"
#include "sinew/io/file.h"
#include "sinew/model/learning_rate_finder.h"
#include "sinew/nn/session.h"

namespace sinew::cli {
namespace {

struct Options {
  std::string model, data, label = "-1", dtype_policy, plot;
  Task task = Task::Auto;
  FindLearningRateArguments range;
  std::uint64_t seed = 0;
  int threads = 0;
  bool json = false;
};

void find_lr(const Options& options) {
  if (options.threads > 0) set_num_threads(options.threads);
  if (!options.plot.empty()) io::check_writable(options.plot);
  set_random_seed(options.seed);
  Dataset data = load_dataset(options.data, options.label);
  Model model = make_model(options.model, data, options.task, {0, options.dtype_policy});
  FindLearningRateArguments arguments = options.range;
  arguments.seed = static_cast<std::int64_t>(options.seed);
  const LearningRateRange range = find_learning_rate(
      model, inputs_for(model, data.x), targets_for(model, data.y, data.classes), arguments);
  if (options.json) {
    print_json({{"model", options.model},
                {"data", options.data},
                {"suggestion", range.suggestion ? Json(*range.suggestion) : Json(nullptr)},
                {"diverged", range.diverged},
                {"learning_rate", range.rates},
                {"loss", range.losses},
                {"smoothed", range.smoothed}});
  } else if (range.suggestion) {
    fmt::print("learning rate: {:.2g} (where the loss falls most steeply; {})\n", *range.suggestion,
               range.diverged ? fmt::format("it grows again up to {:.2g}, where it has diverged",
                                            range.rates.back())
                              : fmt::format("it had not diverged at {:.2g}", range.rates.back()));
  } else {
    fmt::print("no learning rate between {:.2g} and {:.2g} makes the loss fall within {} steps\n",
               options.range.start, options.range.end, range.rates.size());
  }
  if (!options.plot.empty()) plot_learning_rates(options.plot, range);
}

}  // namespace

void add_find_lr(CLI::App& app, std::function<void()>& chosen) {
  CLI::App* command = app.add_subcommand(
      "find-lr",
      "Find a learning rate: train for a moment while it grows, see where the loss falls");
  const auto options = std::make_shared<Options>();
  command->add_option("--model", options->model, "As for `sinew train`")->required();
  command->add_option("--data", options->data, "As for `sinew train`")->required();
  command->add_option("--label", options->label, "Column of a .csv file to learn");
  command->add_option("--task", options->task, "As for `sinew train`")
      ->transform(one_of<Task>("task", {{"auto", Task::Auto},
                                        {"classification", Task::Classification},
                                        {"regression", Task::Regression}}));
  command->add_option("--start", options->range.start, "The first step's rate (default: 1e-7)")
      ->transform(number_above_zero(1e6));
  command->add_option("--end", options->range.end, "The last step's (default: 10)")
      ->transform(number_above_zero(1e6));
  command->add_option("--steps", options->range.steps, "Default: 100")->transform(at_least_one());
  command->add_option("--batch-size", options->range.batch_size, "Rows a step (default: 32)")
      ->transform(at_least_one());
  command->add_option("--dtype-policy", options->dtype_policy, "As for `sinew train`");
  command->add_option("--seed", options->seed, "Keys weights, shuffling and dropout")
      ->transform(whole_number(0, std::numeric_limits<std::int64_t>::max()));
  command->add_option("--threads", options->threads, "Default: all cores")
      ->transform(at_least_one());
  command->add_option("--plot", options->plot,
                      "File for a picture of the loss over the rate, .svg or .png");
  command->add_flag("--json", options->json, "Print one JSON object on standard output");
  command->callback([options, &chosen] { chosen = [options] { find_lr(*options); }; });
}

}  // namespace sinew::cli
