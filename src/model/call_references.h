#pragma once

#include <string>
#include <vector>

#include "model/config_json.h"

/// How calls in Keras's JSON of a Functional model name the tensors that they take.
namespace sinew::model {

/// [layer name, call, output].
struct Reference {
  std::string layer;
  std::int64_t node;
  std::int64_t output;
};

/// Throws ValueError, beginning with `where`, for anything else than such a list.
Reference read_reference(const Json& json, const std::string& where);

/// The arguments of a call that are given by name. Masks are not among them: they follow from the
/// layers before, here as in Keras, which writes them too.
Json keywords_of(const Json& node);

/// The tensors that a call takes, in order, whatever lists they stand in.
std::vector<Reference> inputs_of(const Json& node, const std::string& where);

}  // namespace sinew::model
