#include "cli/pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "cli/models.h"
#include "cli/objective.h"
#include "sinew/base/error.h"
#include "sinew/io/file.h"
#include "sinew/io/plot.h"

namespace sinew::cli {
namespace {

io::Panel panel_of(const History& history, const std::string& name, const std::string& title) {
  io::Panel panel{.title = title, .x_label = "epoch", .y_label = name, .series = {}};
  const auto add = [&](const std::string& key, const char* label) {
    if (history.has(key)) panel.series.push_back({label, history[key]});
  };
  add(name, "training");
  add("val_" + name, "validation");
  return panel;
}

}  // namespace

void make_picture_folder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    throw FileError(
        fmt::format("{}: cannot make the folder for pictures: {}", folder, error.message()));
  }
  io::check_writable(folder + "/curves.png");
}

void draw_training(const std::string& folder, const History& history, Model& model,
                   const Dataset& data) {
  std::vector<io::Panel> panels = {panel_of(history, "loss", "Loss")};
  if (history.has("accuracy")) panels.push_back(panel_of(history, "accuracy", "Accuracy"));
  io::plot_curves(folder + "/curves.png", panels);

  const bool images = data.x_test.defined() && data.x_test.shape().rank() == 3 &&
                      data.classes > 0 && data.x_test.shape()[1] == data.x_test.shape()[2];
  if (!images) return;
  constexpr std::int64_t kShown = 40;
  const Tensor shown = data.x_test.rows(0, std::min(kShown, data.x_test.shape()[0])).clone();
  const Tensor predicted = model.predict(inputs_for(model, shown));
  // A model may have more outputs than the data have classes.
  const auto width = static_cast<std::size_t>(predicted.numel() / predicted.shape()[0]);
  const Head head = head_of(model);
  std::vector<io::Caption> captions;
  const auto name = [&](std::int64_t label) {
    const auto i = static_cast<std::size_t>(label);
    return i < data.class_names.size() ? data.class_names[i] : std::to_string(label);
  };
  for (std::int64_t i = 0; i < shown.shape()[0]; ++i) {
    const auto row = predicted.data<float>().subspan(static_cast<std::size_t>(i) * width, width);
    const std::int64_t guess = predicted_class(head, row);
    const std::int64_t truth = static_cast<std::int64_t>(data.y_test.at(i));
    captions.push_back(
        {guess == truth ? name(guess) : fmt::format("{} (is {})", name(guess), name(truth)),
         guess == truth});
  }
  io::plot_image_grid(folder + "/predictions.png", shown, captions);
}

}  // namespace sinew::cli
