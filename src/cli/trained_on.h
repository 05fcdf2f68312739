#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/dataset.h"
#include "sinew/model/model.h"

namespace sinew::cli {

/// What a saved model knows of the data it was trained on, so that later data are read alike: in
/// its metadata, as JSON.
struct TrainedOn {
  /// 0 for numbers to predict.
  std::int64_t classes = 0;
  std::vector<std::string> class_names = {};
  /// Of a table.
  std::optional<data::CsvLayout> layout = {};
};

void keep_trained_on(Model& model, const Dataset& data);
/// Nothing for a model that was not trained by this program. Throws ValueError naming `path` when
/// the metadata are malformed.
std::optional<TrainedOn> trained_on(const Model& model, const std::string& path);

}  // namespace sinew::cli
