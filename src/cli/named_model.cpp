#include "cli/named_model.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/models.h"
#include "cli/networks.h"
#include "cli/objective.h"
#include "nn/undrawn_weights.h"
#include "sinew/base/error.h"
#include "sinew/base/suggest.h"

namespace sinew::cli {
namespace {

bool is_file(const std::string& name) { return is_model_file(name) || name.ends_with(".json"); }

std::vector<std::string> all_names() {
  std::vector<std::string> names = model_names();
  for (const Network& network : networks()) {
    if (!network.classifier) names.push_back(network.name);
  }
  return names;
}

std::string listed(const std::vector<std::string>& names) {
  return fmt::format("{}, a model file or a JSON file", fmt::join(names, ", "));
}

}  // namespace

Model model_to_show(const std::string& name) {
  if (is_model_file(name)) return load_model(name);
  const Network* network = find_network(name);
  if (name.ends_with(".json") || (network && network->classifier)) {
    Model model = network ? network->published() : read_json_model(name);
    const std::int64_t classes =
        classifies(model) ? std::max<std::int64_t>(2, head_of(model).width) : 0;
    if (!model.compiled()) model.compile(objective_for(model, classes, name));
    return model;
  }
  Dataset data;
  data.name = "28 x 28 images";
  data.x = Tensor({1, 28, 28});
  data.y = Tensor(Shape{1}, DType::Int64);
  data.classes = 10;
  return make_model(name, data);
}

Model model_to_summarise(const std::string& name) {
  const std::vector<std::string> names = all_names();
  if (!is_file(name) && std::find(names.begin(), names.end(), name) == names.end())
    throw ValueError(unknown_name_message("model", name, names) +
                     "; or a model file, or FILE.json");
  const UndrawnWeights undrawn;
  if (const Network* network = find_network(name)) return network->published();
  return model_to_show(name);
}

std::string names_to_show() { return listed(model_names()); }

std::string names_to_summarise() { return listed(all_names()); }

}  // namespace sinew::cli
