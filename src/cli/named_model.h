#pragma once

#include <string>

#include "sinew/model/model.h"

namespace sinew::cli {

/// A model to look at, without data: a saved one, or a named one declared for images of 10 classes,
/// 28 x 28 (cnn, mlp, logistic, linear, and with rows as steps lstm and transformer) or 32 x 32 x 3
/// (resnet20), or a JSON file.
Model model_to_show(const std::string& name);

}  // namespace sinew::cli
