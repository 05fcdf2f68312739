#pragma once

#include <string>

#include "cli/dataset.h"
#include "sinew/model/model.h"

namespace sinew::cli {

/// Writes curves.png, the history's losses and accuracies over the epochs, and, for images,
/// predictions.png, test images with what the model takes them for, into a folder that is made if
/// need be.
void draw_training(const std::string& folder, const History& history, Model& model,
                   const Dataset& data);

}  // namespace sinew::cli
