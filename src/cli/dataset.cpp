#include "cli/dataset.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "model/arrays.h"
#include "sinew/base/error.h"
#include "sinew/data/idx.h"
#include "sinew/data/uci_har.h"

namespace sinew::cli {
namespace {

namespace fs = std::filesystem;

std::int64_t class_count(const Tensor& labels) {
  std::int64_t largest = 0;
  for (std::int64_t label : labels.data<std::int64_t>()) largest = std::max(largest, label);
  return largest + 1;
}

Dataset from_images(const std::string& name, const data::ImageDataset& set) {
  Dataset result;
  result.name = name;
  result.x = set.x_train;
  result.y = set.y_train.cast(DType::Int64);
  result.x_test = set.x_test;
  result.y_test = set.y_test.cast(DType::Int64);
  result.classes = std::max(class_count(result.y), class_count(result.y_test));
  return result;
}

/// Whether numbers could be class numbers: all of them are whole and below `limit`.
bool are_classes(const Tensor& y, double limit) {
  return std::all_of(y.data<float>().begin(), y.data<float>().end(), [limit](float value) {
    return value >= 0 && value < limit && value == std::floor(value);
  });
}

void take_as_classes(Dataset& data) {
  data.y = data.y.cast(DType::Int64).reshape({-1});
  data.classes = class_count(data.y);
}

void take_as_numbers(Dataset& data) {
  for (Tensor* labels : {&data.y, &data.y_test}) {
    if (labels->defined()) *labels = labels->cast(DType::Float32).reshape({-1, 1});
  }
  data.classes = 0;
}

/// A model learns nothing from numbers that are not finite; the file's line is known here only.
void check_finite(const data::CsvTable& table, const std::string& path) {
  const auto check = [&](const Tensor& tensor, const auto& column_name) {
    if (!tensor.defined() || tensor.dtype() != DType::Float32) return;
    const auto values = tensor.data<float>();
    const auto bad = std::find_if(values.begin(), values.end(),
                                  [](float value) { return !std::isfinite(value); });
    if (bad == values.end()) return;
    const auto at = static_cast<std::size_t>(bad - values.begin());
    const std::size_t width = values.size() / table.lines.size();
    throw FileError(
        fmt::format("{}: line {}: column '{}' holds {}{}; fill such fields or remove the rows",
                    path, table.lines[at / width], column_name(at % width), *bad,
                    std::isnan(*bad) ? " (an empty field?)" : ""));
  };
  check(table.x, [&](std::size_t column) { return table.columns[column]; });
  check(table.y, [&](std::size_t) { return table.label; });
}

Dataset from_table(const std::string& path, const data::CsvTable& table, bool alike) {
  check_finite(table, path);
  Dataset result{.name = path, .x = table.x, .y = table.y};
  result.class_names = table.classes;
  result.layout = table;
  if (!table.classes.empty()) {
    result.classes = static_cast<std::int64_t>(table.classes.size());
  } else if (!alike) {
    constexpr double kMaxClasses = 20;
    if (are_classes(table.y, kMaxClasses)) take_as_classes(result);
  }
  return result;
}

}  // namespace

Dataset load_dataset(const std::string& data, const std::string& label,
                     const std::optional<data::CsvLayout>& like, bool label_needed) {
  if (data == "fashion-mnist") {
    Dataset set = from_images(data, data::fashion_mnist(data::Pixels::UnitRange));
    set.class_names = {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
                       "Sandal",      "Shirt",   "Sneaker",  "Bag",   "Ankle boot"};
    return set;
  }
  std::error_code error;
  if (fs::is_directory(data, error)) {
    if (!data::is_uci_har(data))
      return from_images(data, data::load_idx_dataset(data, data::Pixels::UnitRange));
    const data::WindowDataset set = data::load_uci_har(data);
    Dataset result{data, set.x_train, set.y_train, set.x_test, set.y_test, 6};
    result.class_names = {"walking", "walking upstairs", "walking downstairs",
                          "sitting", "standing",         "laying"};
    return result;
  }
  if (fs::exists(data, error)) {
    const data::CsvOptions options{.label = label, .like = like, .label_needed = label_needed};
    return from_table(data, data::read_csv(data, options), like.has_value());
  }
  const bool absent = !error || error == std::errc::no_such_file_or_directory;
  throw FileError(fmt::format(
      "--data {}: is neither a known data set (fashion-mnist), nor a folder of IDX or UCI HAR "
      "files, nor a .csv file{}",
      data, absent ? "" : fmt::format(" ({})", error.message())));
}

void settle_task(Dataset& data, Task task, bool model_classifies) {
  const bool table_of_numbers = data.layout && data.layout->classes.empty();
  if (task == Task::Auto) {
    if (table_of_numbers && data.classes > 0 && !model_classifies) take_as_numbers(data);
    return;
  }
  if (task == Task::Regression) {
    if (data.layout && !table_of_numbers) {
      throw ValueError(
          fmt::format("--task regression: column '{}' of {} holds texts, not numbers to predict",
                      data.layout->label, data.name));
    }
    take_as_numbers(data);
    return;
  }
  // More would be made for numbers that mean something else.
  constexpr double kMaxClasses = 1e6;
  if (data.classes > 0) return;
  if (!are_classes(data.y, kMaxClasses)) {
    throw ValueError(fmt::format(
        "--task classification: column '{}' of {} holds numbers that are not whole, negative, or "
        "too large to be class numbers",
        data.layout->label, data.name));
  }
  take_as_classes(data);
}

Tensor one_hot(const Tensor& labels, std::int64_t classes) {
  model::check_labels(labels, classes, "labels");
  const Tensor numbers = labels.dtype() == DType::Int64 ? labels : labels.cast(DType::Int64);
  Tensor rows({labels.numel(), classes});
  const auto from = numbers.data<std::int64_t>();
  for (std::size_t i = 0; i < from.size(); ++i) {
    rows.data<float>()[i * static_cast<std::size_t>(classes) + static_cast<std::size_t>(from[i])] =
        1.0f;
  }
  return rows;
}

}  // namespace sinew::cli
