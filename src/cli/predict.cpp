#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/models.h"
#include "cli/objective.h"
#include "cli/trained_on.h"
#include "sinew/io/file.h"

namespace sinew::cli {
namespace {

struct Options {
  std::string model, data, label = "-1", out;
  std::int64_t batch_size = 256;
  std::int64_t rows = -1;
};

/// What the columns of outputs mean: how many classes (0: numbers) and their names.
struct Meaning {
  std::int64_t classes = 0;
  std::vector<std::string> names;
};

Meaning meaning_of(const Model& model, const std::optional<TrainedOn>& known, const Dataset& data) {
  Meaning meaning;
  if (known) {
    meaning = {known->classes, known->class_names};
  } else if (model.compiled() ? classifies(model) : data.classes > 1) {
    meaning = {data.classes, data.class_names};
  }
  const std::int64_t width = head_of(model).width;
  const bool fits = width == 1 ? meaning.classes == 2 : meaning.classes <= width;
  return fits ? meaning : Meaning{};
}

/// One line a row: the class with its name, where outputs are classes, and the outputs.
std::string to_csv(const Model& model, const Tensor& outputs, const Meaning& meaning) {
  const Head head = head_of(model);
  const std::int64_t width = outputs.numel() / outputs.shape()[0];
  std::string text = meaning.classes > 0 ? "class,name" : "";
  for (std::int64_t k = 0; k < width; ++k)
    text += fmt::format("{}output_{}", text.empty() ? "" : ",", k);
  text += '\n';
  for (std::int64_t row = 0; row < outputs.shape()[0]; ++row) {
    const auto values = outputs.data<float>().subspan(static_cast<std::size_t>(row * width),
                                                      static_cast<std::size_t>(width));
    if (meaning.classes > 0) {
      const auto best = static_cast<std::size_t>(predicted_class(head, values));
      text += fmt::format("{},{},", best,
                          data::csv_field(best < meaning.names.size() ? meaning.names[best]
                                                                      : std::to_string(best)));
    }
    text += fmt::format("{}\n", fmt::join(values, ","));
  }
  return text;
}

void predict(const Options& options) {
  if (!options.out.empty()) io::check_writable(options.out);
  Model model = load_model(options.model);
  const std::optional<TrainedOn> known = trained_on(model, options.model);
  const Dataset data =
      load_dataset(options.data, options.label, known ? known->layout : std::nullopt, false);
  Tensor x = data.x_test.defined() ? data.x_test : data.x;
  if (options.rows > 0) x = x.rows(0, std::min(options.rows, x.shape()[0]));
  const Tensor outputs = model.predict(inputs_for(model, x), {.batch_size = options.batch_size});
  const std::string text = to_csv(model, outputs, meaning_of(model, known, data));
  if (options.out.empty()) {
    fmt::print("{}", text);
  } else {
    io::write_file(options.out, text);
  }
}

}  // namespace

void add_predict(CLI::App& app, std::function<void()>& chosen) {
  CLI::App* command =
      app.add_subcommand("predict", "Run a saved model on data; prints a table (CSV)");
  const auto options = std::make_shared<Options>();
  command->add_option("--model", options->model, "Model file (.keras or .safetensors)")->required();
  command
      ->add_option(
          "--data", options->data,
          "As for train; the test part where there is one. A table may lack the label column")
      ->required();
  command->add_option("--label", options->label, "As for train");
  command->add_option("--rows", options->rows, "Only the first rows")->transform(at_least_one());
  command->add_option("--batch-size", options->batch_size, "Rows a step")
      ->transform(at_least_one());
  command->add_option("--out", options->out, "File to write instead of standard output");
  command->callback([options, &chosen] { chosen = [options] { predict(*options); }; });
}

}  // namespace sinew::cli
