#include "cli/dataset.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "sinew/base/error.h"
#include "sinew/data/csv.h"
#include "sinew/data/idx.h"
#include "sinew/data/uci_har.h"

namespace sinew::cli {
namespace {

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
  result.classes = class_count(result.y);
  return result;
}

/// A numeric label column holds class numbers when all of it are small whole numbers with few
/// different values.
bool looks_like_classes(const Tensor& y) {
  constexpr std::int64_t kMaxClasses = 20;
  return std::all_of(y.data<float>().begin(), y.data<float>().end(), [](float value) {
    return value >= 0 && value < kMaxClasses && value == std::floor(value);
  });
}

Dataset from_table(const std::string& name, const data::CsvTable& table) {
  Dataset result{name, table.x, table.y, {}, {}, 0, {}};
  if (table.y.dtype() == DType::Float32 && looks_like_classes(table.y)) {
    result.y = table.y.cast(DType::Int64).reshape({-1});
  }
  if (result.y.dtype() == DType::Int64) result.classes = class_count(result.y);
  result.class_names = table.classes;
  return result;
}

}  // namespace

Dataset load_dataset(const std::string& data, const std::string& label) {
  if (data == "fashion-mnist") {
    Dataset set = from_images(data, data::fashion_mnist(data::Pixels::UnitRange));
    set.class_names = {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
                       "Sandal",      "Shirt",   "Sneaker",  "Bag",   "Ankle boot"};
    return set;
  }
  if (std::filesystem::is_directory(data)) {
    if (!data::is_uci_har(data))
      return from_images(data, data::load_idx_dataset(data, data::Pixels::UnitRange));
    const data::WindowDataset set = data::load_uci_har(data);
    Dataset result{data, set.x_train, set.y_train, set.x_test, set.y_test, 6, {}};
    result.class_names = {"walking", "walking upstairs", "walking downstairs",
                          "sitting", "standing",         "laying"};
    return result;
  }
  if (std::filesystem::exists(data))
    return from_table(data, data::read_csv(data, {.label = label}));
  throw FileError(fmt::format(
      "--data {}: is neither a known data set (fashion-mnist), nor a folder of IDX or UCI HAR "
      "files, nor a .csv file",
      data));
}

Tensor one_hot(const Tensor& labels, std::int64_t classes) {
  Tensor rows({labels.numel(), classes});
  const auto numbers = labels.data<std::int64_t>();
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    rows.data<float>()[i * static_cast<std::size_t>(classes) +
                       static_cast<std::size_t>(numbers[i])] = 1.0f;
  }
  return rows;
}

}  // namespace sinew::cli
