#include "cli/models.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/networks.h"
#include "cli/objective.h"
#include "io/json.h"
#include "model/arrays.h"
#include "model/state.h"
#include "sinew/base/error.h"
#include "sinew/base/suggest.h"
#include "sinew/io/file.h"
#include "sinew/nn/dtype_policy.h"
#include "sinew/nn/layers.h"

namespace sinew::cli {
namespace {

using namespace sinew::layers;

Shape row_shape(const Dataset& data) { return data.x.shape().drop_front(); }

void need_classes(const std::string& model, const Dataset& data) {
  if (data.classes >= 2) return;
  if (data.classes == 1) {
    throw ValueError(fmt::format(
        "model '{}' tells classes apart, but all labels of {} are of one class", model, data.name));
  }
  throw ValueError(fmt::format(
      "model '{}' tells classes apart, but the label of {} is a number to be predicted; "
      "use --model linear, or --label to choose another column",
      model, data.name));
}

/// (rows, columns, channels) of the data's images.
Shape image_shape(const std::string& model, const Dataset& data) {
  const Shape input = row_shape(data);
  if (input.rank() == 2) return {input[0], input[1], 1};
  if (input.rank() == 3) return input;
  throw ValueError(fmt::format("model '{}' needs images, but rows of {} have shape {}", model,
                               data.name, input.str()));
}

/// The tutorial's convolutional network.
Sequential cnn(const Dataset& data) {
  const Shape input = image_shape("cnn", data);
  Sequential model;
  model.add(Conv2D(32, {3, 3}, {.activation = "relu", .input_shape = input}));
  model.add(MaxPooling2D({2, 2}));
  model.add(Conv2D(64, {3, 3}, {.activation = "relu"}));
  model.add(MaxPooling2D({2, 2}));
  model.add(Flatten());
  model.add(Dense(128, {.activation = "relu"}));
  model.add(Dense(data.classes, {.activation = "softmax"}));
  return model;
}

/// The tutorial's recurrent network: the rows of an image, or a window's samples, are its steps.
Sequential lstm(const Dataset& data) {
  const Shape input = row_shape(data);
  if (input.rank() != 2) {
    throw ValueError(fmt::format(
        "model 'lstm' needs rows of shape (steps, features), but those of {} have shape {}",
        data.name, input.str()));
  }
  Sequential model;
  model.add(LSTM(128, {.return_sequences = true, .input_shape = input}));
  model.add(LSTM(128, {.return_sequences = true}));
  model.add(LSTM(128));
  model.add(Dense(data.classes, {.activation = "softmax"}));
  return model;
}

/// A stack of four Transformer encoder blocks (Vaswani et al. 2017, section 3.1; widths of a small
/// BERT) over the same steps as the recurrent network's. It tells no positions apart.
Model transformer(const Dataset& data) {
  const Shape shape = row_shape(data);
  if (shape.rank() != 2) {
    throw ValueError(fmt::format(
        "model 'transformer' needs rows of shape (steps, features), but those of {} have shape {}",
        data.name, shape.str()));
  }
  constexpr std::int64_t kWidth = 256, kHeads = 4, kBlocks = 4;
  const KerasTensor input = Input(shape);
  KerasTensor x = Dense(kWidth)(input);
  for (std::int64_t block = 0; block < kBlocks; ++block) {
    const KerasTensor attention = MultiHeadAttention(kHeads, kWidth / kHeads)({x, x});
    x = LayerNormalization()(Add()({x, attention}));
    const KerasTensor hidden = Dense(4 * kWidth, {.activation = "gelu"})(x);
    x = LayerNormalization()(Add()({x, Dense(kWidth)(hidden)}));
  }
  x = GlobalAveragePooling1D()(x);
  return Model(input, Dense(data.classes, {.activation = "softmax"})(x));
}

Sequential mlp(const Dataset& data) {
  Sequential model;
  model.add(Flatten({.input_shape = row_shape(data)}));
  model.add(Dense(128, {.activation = "relu"}));
  model.add(data.classes > 0 ? Dense(data.classes, {.activation = "softmax"})
                             : Dense(data.y.shape()[1]));
  return model;
}

/// y = b0 + sum of b_i x_i.
Sequential linear(const Dataset& data) {
  Sequential model;
  model.add(Flatten({.input_shape = row_shape(data)}));
  model.add(Dense(data.classes > 0 ? data.classes : data.y.shape()[1]));
  return model;
}

/// P(y = 1 | x) = 1 / (1 + e^-(b0 + sum of b_i x_i)), and its form for several classes.
Sequential logistic(const Dataset& data) {
  Sequential model;
  model.add(Flatten({.input_shape = row_shape(data)}));
  model.add(Dense(data.classes, {.activation = "softmax"}));
  return model;
}

std::string loss_of(const Model& model) {
  return model.state()->compiled_training().arguments().loss.at(0).name();
}

Model declare(const std::string& name, const Dataset& data) {
  const bool regression = name == "mlp" || name == "linear";
  if (!regression && std::ranges::count(model_names(), name) > 0) need_classes(name, data);
  if (name == "cnn") return cnn(data);
  if (const Network* network = find_network(name)) {
    if (network->classifier) return network->classifier(image_shape(name, data), data.classes);
    throw ValueError(fmt::format(
        "model '{}' is no network for a table, images or windows with labels; `sinew summary {}` "
        "shows it",
        name, name));
  }
  if (name == "lstm") return lstm(data);
  if (name == "transformer") return transformer(data);
  if (name == "mlp") return mlp(data);
  if (name == "linear") return linear(data);
  if (name == "logistic") return logistic(data);
  if (name.ends_with(".json")) return read_json_model(name);
  if (is_model_file(name)) {
    throw ValueError(
        fmt::format("'{}' is a saved model's file; a training begins with a network's name or "
                    "FILE.json, and goes on from a checkpoint (--resume)",
                    name));
  }
  throw ValueError(unknown_name_message("model", name, model_names()) + "; or FILE.json");
}

}  // namespace

const std::vector<std::string>& model_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> known = {"cnn", "lstm", "transformer", "mlp", "linear", "logistic"};
    for (const Network& network : networks()) {
      if (network.classifier) known.push_back(network.name);
    }
    return known;
  }();
  return names;
}

bool is_model_file(const std::string& name) {
  return name.ends_with(".safetensors") || name.ends_with(".keras") || name.ends_with(".h5");
}

Model read_json_model(const std::string& path) {
  const std::vector<std::uint8_t> bytes = io::read_file(path, io::kMaxJsonBytes);
  try {
    return model_from_json(std::string(bytes.begin(), bytes.end()));
  } catch (const Error& error) {
    throw ValueError(fmt::format("{}: {}", path, error.what()));
  }
}

namespace {

/// The policy of the layers that are made while it is alive: one that keeps weights in its own type
/// must be known before them.
class PolicyScope {
 public:
  explicit PolicyScope(const std::string& policy) {
    if (!policy.empty()) set_dtype_policy(policy);
  }
  ~PolicyScope() { set_dtype_policy(before_); }
  PolicyScope(const PolicyScope&) = delete;
  PolicyScope& operator=(const PolicyScope&) = delete;

 private:
  const DTypePolicy before_ = dtype_policy();
};

void compile_for(Model& model, const std::string& name, const Dataset& data,
                 const ModelOptions& options) {
  if (!model.compiled() || !options.dtype_policy.empty()) {
    CompileArguments arguments;
    if (model.compiled()) {
      arguments = model.state()->compiled_training().arguments();
    } else if (name == "linear" && data.classes > 0) {
      // Least squares on one-hot classes.
      arguments.loss = "mean_squared_error";
      arguments.metrics = {"categorical_accuracy"};
    } else {
      arguments = objective_for(model, data.classes, "'" + name + "'");
      // The tutorial trains its recurrent network on one-hot classes.
      if (name == "lstm") arguments.loss = "categorical_crossentropy";
    }
    if (!options.dtype_policy.empty()) arguments.dtype_policy = options.dtype_policy;
    model.compile(std::move(arguments));
  }
  if (options.learning_rate > 0) model.set_learning_rate(options.learning_rate);
}

}  // namespace

Model make_model(const std::string& name, const Dataset& data, const ModelOptions& options) {
  const PolicyScope policy(options.dtype_policy);
  Model model = declare(name, data);
  compile_for(model, name, data, options);
  return model;
}

Model make_model(const std::string& name, Dataset& data, Task task, const ModelOptions& options) {
  if (!name.ends_with(".json")) {
    settle_task(data, task, name != "linear");
    return make_model(name, data, options);
  }
  const PolicyScope policy(options.dtype_policy);
  Model model = read_json_model(name);
  settle_task(data, task, classifies(model));
  compile_for(model, name, data, options);
  return model;
}

Tensor inputs_for(const Model& model, const Tensor& x) {
  if (!model.built()) return x;
  const Shape wanted = model.inputs().at(0).shape().drop_front();
  const Shape row = x.shape().drop_front();
  // Grey images come without the axis of channels that a convolution needs.
  if (wanted.rank() == row.rank() + 1 && wanted[-1] == 1) {
    std::vector<std::int64_t> dims = x.shape().dims();
    dims.push_back(1);
    return x.reshape(Shape(std::move(dims)));
  }
  return x;
}

Tensor targets_for(const Model& model, const Tensor& y, std::int64_t classes) {
  const std::string loss = loss_of(model);
  if (classes == 0 || loss == "sparse_categorical_crossentropy") return y;
  const std::int64_t width = head_of(model).width;
  if (width != 1) return one_hot(y, width > 0 ? width : classes);
  if (loss == "binary_crossentropy") model::check_labels(y, 2, "labels");
  return y;
}

}  // namespace sinew::cli
