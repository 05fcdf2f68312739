#pragma once

#include <string>

#include "sinew/model/model.h"

namespace sinew::cli {

/// A model to look at, without data: a saved one, a JSON file, a published network that classifies
/// images, of its published size, or another named one declared for 28 x 28 images of 10 classes
/// (rows are the steps of lstm and transformer).
Model model_to_show(const std::string& name);
/// The same for its summary: any published network, as it is before it is compiled, and weights
/// that nobody draws.
Model model_to_summarise(const std::string& name);

/// What the programs' helps say of both.
std::string names_to_show();
std::string names_to_summarise();

}  // namespace sinew::cli
