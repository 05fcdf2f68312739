#include "cli/named_model.h"

#include <algorithm>

#include "cli/models.h"
#include "cli/objective.h"

namespace sinew::cli {

Model model_to_show(const std::string& name) {
  if (is_model_file(name)) return load_model(name);
  if (name.ends_with(".json")) {
    Model model = read_json_model(name);
    const std::int64_t classes =
        classifies(model) ? std::max<std::int64_t>(2, head_of(model).width) : 0;
    if (!model.compiled()) model.compile(objective_for(model, classes, name));
    return model;
  }
  Dataset data;
  const bool small_colour = name == "resnet20";
  data.name = small_colour ? "32 x 32 x 3 images" : "28 x 28 images";
  data.x = small_colour ? Tensor({1, 32, 32, 3}) : Tensor({1, 28, 28});
  data.y = Tensor(Shape{1}, DType::Int64);
  data.classes = 10;
  return make_model(name, data);
}

}  // namespace sinew::cli
