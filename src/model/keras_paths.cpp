#include "model/keras_paths.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "model/class_counter.h"
#include "model/state.h"
#include "sinew/base/text.h"

namespace sinew::model {
namespace {

/// What Keras calls a layer in files: by its class, which of one is not what it is exported as.
std::string base_name(const Layer& layer) {
  const std::string name = layer.class_name();
  return snake_case(name == "GroupQueryAttention" ? "GroupedQueryAttention" : name);
}

/// The attribute of Keras's layer that holds one of its sublayers, to be asked for in their order.
/// KerasFiles.HoldEveryLayer fails for a layer that is missing here.
std::string attribute_of(const Layer& layer, std::size_t sublayer, ClassCounter& classes) {
  const std::string name = layer.class_name();
  if (name == "TimeDistributed" || name == "SpectralNormalization") return "layer";
  if (name == "Bidirectional") return sublayer == 0 ? "forward_layer" : "backward_layer";
  const bool model = name == "Sequential" || name == "Functional";
  if (!model && name != "StackedRNNCells") return "cell";
  return (model ? "layers/" : "cells/") + classes.next(base_name(*layer.sublayers()[sublayer]));
}

/// Keras's attention layers are made of layers that Sinew's have the weights of: the one that a
/// weight "…/query/kernel" belongs to, with a slash; empty for other layers.
std::string projection_of(const std::string& class_name, const std::string& weight) {
  const bool heads = class_name == "MultiHeadAttention";
  if (!heads && class_name != "GroupQueryAttention") return "";
  const std::string above = weight.substr(0, weight.rfind('/'));
  const std::string projection = above.substr(above.rfind('/') + 1);
  return fmt::format("{}{}_dense/", heads ? "" : "_",
                     projection == "attention_output" ? "output" : projection);
}

/// Adds a layer's weights; a layer that is met again has its own already.
void add_weights(const Layer& layer, const std::string& path, std::set<const Layer*>& added,
                 NamedVariables& result) {
  if (!added.insert(&layer).second) return;
  std::set<const Variable*> inner;
  for (const auto& sublayer : layer.sublayers()) {
    for (const VariablePtr& weight : sublayer->weights()) inner.insert(weight.get());
  }
  // Keras saves the kernel that it normalises twice: with its layer, and before its own vector.
  if (layer.class_name() == "SpectralNormalization") inner.erase(layer.weights()[0].get());
  std::map<std::string, int> counts;
  for (const VariablePtr& weight : layer.weights()) {
    if (inner.contains(weight.get())) continue;
    const std::string projection = projection_of(layer.class_name(), weight->name());
    result.emplace_back(fmt::format("{}/{}vars/{}", path, projection, counts[projection]++),
                        weight);
  }
  ClassCounter classes;
  for (std::size_t i = 0; i < layer.sublayers().size(); ++i) {
    add_weights(*layer.sublayers()[i], path + "/" + attribute_of(layer, i, classes), added, result);
  }
}

}  // namespace

NamedVariables keras_weights(const State& state) {
  NamedVariables result;
  std::set<const Layer*> added;
  ClassCounter classes;
  for (const auto& layer : state.layers())
    add_weights(*layer, "layers/" + classes.next(base_name(*layer)), added, result);
  return result;
}

}  // namespace sinew::model
