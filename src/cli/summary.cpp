#include <fmt/format.h>

#include <memory>

#include "cli/command.h"
#include "cli/named_model.h"

namespace sinew::cli {

void add_summary(CLI::App& app, std::function<void()>& chosen) {
  CLI::App* command =
      app.add_subcommand("summary", "Print a model's layers, output shapes and parameters");
  const auto model = std::make_shared<std::string>();
  command->add_option("model", *model, names_to_summarise())->required();
  command->callback([model, &chosen] {
    chosen = [model] { fmt::print("{}", model_to_summarise(*model).summary()); };
  });
}

}  // namespace sinew::cli
