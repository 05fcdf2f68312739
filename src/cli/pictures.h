#pragma once

#include <string>

#include "cli/dataset.h"
#include "sinew/model/model.h"

namespace sinew::cli {

/// Makes the folder, if need be, and tries it. Throws FileError naming it.
void make_picture_folder(const std::string& folder);

/// Writes curves.png, the history's losses and accuracies over the epochs, and, for images,
/// predictions.png, test images with what the model takes them for, into a folder that is there.
void draw_training(const std::string& folder, const History& history, Model& model,
                   const Dataset& data);

}  // namespace sinew::cli
