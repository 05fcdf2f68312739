#include <fmt/format.h>

#include <memory>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/named_model.h"

namespace sinew::cli {

void add_inspect(CLI::App& app, std::function<void()>& chosen) {
  CLI::App* command = app.add_subcommand("inspect",
                                         "Print a model's training step: the graph before and "
                                         "after each pass, the steps, the memory plan");
  struct Options {
    std::string model;
    std::int64_t batch_size = 32;
  };
  const auto options = std::make_shared<Options>();
  command->add_option("model", options->model, names_to_show())->required();
  command->add_option("--batch-size", options->batch_size, "Rows a step")
      ->transform(at_least_one());
  command->callback([options, &chosen] {
    chosen = [options] {
      fmt::print("{}", model_to_show(options->model).inspect(options->batch_size));
    };
  });
}

}  // namespace sinew::cli
