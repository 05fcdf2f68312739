#include "cli/objective.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "model/state.h"
#include "sinew/base/error.h"
#include "sinew/nn/identifier.h"

namespace sinew::cli {

Head head_of(const Model& model) {
  static const std::set<std::string> kKeepNumbers = {"Flatten",    "Reshape", "Dropout",
                                                     "Activation", "Softmax", "ReLU"};
  Head head;
  const auto layers = model.layers();
  for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) {
    const std::string class_name = (*layer)->class_name();
    const Attributes config = (*layer)->config();
    if (head.activation == "linear") {
      if (class_name == "Softmax") head.activation = "softmax";
      if (class_name == "ReLU") head.activation = "relu";
      if (const AttributeValue* given = config.find("activation")) {
        if (const auto* text = std::get_if<std::string>(given))
          head.activation = Identifier::parse(*text, "activation").key();
      }
    }
    if (const AttributeValue* units = config.find("units")) {
      if (const auto* number = std::get_if<std::int64_t>(units)) head.width = *number;
    }
    if (!kKeepNumbers.contains(class_name)) break;
  }
  if (model.built()) {
    const Shape shape = model.outputs().at(0).shape();
    if (shape.rank() > 1 && shape[-1] != Shape::kUnknown) head.width = shape[-1];
  }
  return head;
}

bool classifies(const Model& model) {
  if (model.compiled()) {
    const LossList& losses = model.state()->compiled_training().arguments().loss;
    return std::any_of(losses.begin(), losses.end(),
                       [](const Loss& loss) { return loss.name().ends_with("crossentropy"); });
  }
  const Head head = head_of(model);
  return head.activation == "softmax" || head.activation == "sigmoid" || head.width > 1;
}

CompileArguments objective_for(const Model& model, std::int64_t classes, const std::string& name) {
  CompileArguments arguments;
  if (classes == 0) {
    arguments.loss = "mean_squared_error";
    arguments.metrics = {"mean_absolute_error"};
    return arguments;
  }
  const Head head = head_of(model);
  const std::int64_t told = head.width == 1 ? 2 : head.width;
  if (told > 0 && classes > told) {
    throw ValueError(fmt::format(
        "model {} ends in {} number{}, which tell{} {} classes apart, but the data have {}", name,
        head.width, head.width == 1 ? "" : "s", head.width == 1 ? "s" : "", told, classes));
  }
  arguments.metrics = {"accuracy"};
  if (head.activation == "sigmoid") {
    arguments.loss = "binary_crossentropy";
  } else if (head.width == 1) {
    arguments.loss = losses::BinaryCrossentropy({.from_logits = true});
    // Of logits: half a probability is 0.
    arguments.metrics = {"BinaryAccuracy(threshold=0.0, name=\"accuracy\")"};
  } else if (head.activation == "softmax") {
    arguments.loss = "sparse_categorical_crossentropy";
  } else {
    arguments.loss = losses::SparseCategoricalCrossentropy({.from_logits = true});
  }
  return arguments;
}

std::int64_t predicted_class(const Head& head, std::span<const float> outputs) {
  if (outputs.size() == 1) return outputs[0] > (head.activation == "sigmoid" ? 0.5f : 0.0f) ? 1 : 0;
  return std::max_element(outputs.begin(), outputs.end()) - outputs.begin();
}

}  // namespace sinew::cli
