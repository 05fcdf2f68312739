#pragma once

#include <string>
#include <vector>

#include "cli/dataset.h"
#include "sinew/model/model.h"

namespace sinew::cli {

/// The names that make_model knows besides files.
const std::vector<std::string>& model_names();

struct ModelOptions {
  /// 0: Keras's default, or what the file says.
  double learning_rate = 0;
  /// Empty: what the model's layers say.
  std::string dtype_policy = {};
};

/// The networks that --model names: the tutorial's cnn and lstm, transformer, mlp, linear and
/// logistic regression, and the published networks that classify images; otherwise a file of
/// Keras's JSON. Compiled as the file says or else for the data set with adam. Throws ValueError
/// when the data's shape does not suit the network, naming both.
Model make_model(const std::string& model, const Dataset& data, const ModelOptions& options = {});
/// The same after settle_task(), which the model has a say in.
Model make_model(const std::string& model, Dataset& data, Task task,
                 const ModelOptions& options = {});

/// Whether a name is that of a saved model's file, or of weights alone, of which load_model() says
/// so.
bool is_model_file(const std::string& name);
/// The model of a file of Keras's JSON; errors begin with the path.
Model read_json_model(const std::string& path);

/// The data set's arrays in the shape and encoding that a model wants.
Tensor inputs_for(const Model& model, const Tensor& x);
/// `y` as class numbers, or one-hot where the loss compares one number a class; as it is without
/// classes. Throws ValueError naming a label that the model has no class for.
Tensor targets_for(const Model& model, const Tensor& y, std::int64_t classes);

}  // namespace sinew::cli
