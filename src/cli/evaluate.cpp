#include <fmt/format.h>

#include <memory>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/models.h"
#include "cli/trained_on.h"
#include "sinew/base/error.h"

namespace sinew::cli {
namespace {

struct Options {
  std::string model, data, label = "-1";
  std::int64_t batch_size = 256;
  bool json = false;
};

void evaluate(const Options& options) {
  Model model = load_model(options.model);
  if (!model.compiled()) {
    throw ValueError(fmt::format(
        "{}: holds a model without loss and metrics; it can predict, but not be evaluated",
        options.model));
  }
  const std::optional<TrainedOn> known = trained_on(model, options.model);
  const Dataset data =
      load_dataset(options.data, options.label, known ? known->layout : std::nullopt);
  const std::int64_t classes = known ? known->classes : data.classes;
  // Data without a test part of their own are taken whole.
  const Tensor& x = data.x_test.defined() ? data.x_test : data.x;
  const Tensor& y = data.x_test.defined() ? data.y_test : data.y;
  const Logs logs = model.evaluate(inputs_for(model, x), targets_for(model, y, classes),
                                   {.batch_size = options.batch_size});
  Json result;
  result["model"] = options.model;
  result["data"] = options.data;
  result["rows"] = x.shape()[0];
  for (const auto& [name, value] : logs) result["test_" + name] = value;
  if (options.json) return print_json(result);
  for (const auto& [name, value] : logs) fmt::print("test {}: {:.4f}\n", name, value);
}

}  // namespace

void add_evaluate(CLI::App& app, std::function<void()>& chosen) {
  CLI::App* command = app.add_subcommand("evaluate", "Measure a saved model on test data");
  const auto options = std::make_shared<Options>();
  command->add_option("--model", options->model, "Model file (.keras or .safetensors)")->required();
  command->add_option("--data", options->data, "As for train")->required();
  command->add_option("--label", options->label, "As for train");
  command->add_option("--batch-size", options->batch_size, "Rows a step")
      ->transform(at_least_one());
  command->add_flag("--json", options->json, "Print one JSON object on standard output");
  command->callback([options, &chosen] { chosen = [options] { evaluate(*options); }; });
}

}  // namespace sinew::cli
