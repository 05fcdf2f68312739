#pragma once

#include <string>

#include "sinew/model/model.h"

namespace sinew::cli {

/// A model to look at, without data: a saved one, or a named one declared for 28 x 28 images of 10
/// classes (cnn, mlp, logistic, linear), their rows as steps (lstm), or a JSON file.
Model model_to_show(const std::string& name);

}  // namespace sinew::cli
