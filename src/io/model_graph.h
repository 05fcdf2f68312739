#pragma once

#include <string>

namespace sinew::io {

/// The layers of a model, from JSON in the shape of Keras's to_json(), as a GraphDef of
/// TensorFlow's (tensorflow/core/framework/graph.proto): a node a layer, a model within the model
/// being one. Throws ValueError where the text is no such JSON.
std::string graph_def_of(const std::string& model_json);

}  // namespace sinew::io
