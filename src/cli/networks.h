#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sinew/model/model.h"

namespace sinew::cli {

/// A published network under its name.
struct Network {
  std::string name;
  /// Of the published size, not compiled.
  std::function<Model()> published;
  /// For images (rows, columns, channels) of so many classes; empty for networks that do something
  /// else.
  std::function<Model(const Shape& images, std::int64_t classes)> classifier = {};
};

const std::vector<Network>& networks();
/// Null when there is none of that name.
const Network* find_network(const std::string& name);

}  // namespace sinew::cli
