#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "attributes.h"
#include "bind.h"
#include "sinew/nn/custom_objects.h"
#include "sinew/nn/signature.h"

namespace sinew::python {
namespace {

const char* kind_name(ArgumentKind kind) {
  switch (kind) {
    case ArgumentKind::Flag:
      return "flag";
    case ArgumentKind::Integer:
      return "integer";
    case ArgumentKind::Number:
      return "number";
    case ArgumentKind::Text:
      return "text";
    case ArgumentKind::Integers:
      return "integers";
    case ArgumentKind::Numbers:
      return "numbers";
    case ArgumentKind::Texts:
      return "texts";
    case ArgumentKind::Size:
      return "size";
    case ArgumentKind::Border:
      return "border";
    case ArgumentKind::Extents:
      return "extents";
    case ArgumentKind::Type:
      return "type";
    case ArgumentKind::Activation:
      return "activation";
    case ArgumentKind::Initializer:
      return "initializer";
    case ArgumentKind::Regularizer:
      return "regularizer";
    case ArgumentKind::Constraint:
      return "constraint";
    case ArgumentKind::LearningRate:
      return "learning_rate";
    case ArgumentKind::Layer:
      return "layer";
    case ArgumentKind::Layers:
      return "layers";
    case ArgumentKind::Other:
      break;
  }
  return "other";
}

nb::dict to_dict(const Argument& argument) {
  nb::dict result;
  result["name"] = argument.name;
  result["kind"] = kind_name(argument.kind);
  result["required"] = argument.required;
  result["optional"] = argument.optional;
  result["default"] = argument.value ? from_attribute_value(*argument.value) : nb::none();
  return result;
}

nb::list to_list(const std::vector<Signature>& signatures) {
  nb::list result;
  for (const Signature& signature : signatures) {
    nb::list arguments;
    for (const Argument& argument : signature.arguments) arguments.append(to_dict(argument));
    nb::dict entry;
    entry["class_name"] = signature.class_name;
    entry["function_name"] = signature.function_name;
    entry["aliases"] = signature.aliases;
    entry["arguments"] = arguments;
    result.append(entry);
  }
  return result;
}

}  // namespace

/// For the program that writes the Python classes, python/generate.py.
void bind_signatures(nb::module_& module) {
  module.def("layer_signatures", [] { return to_list(layer_signatures()); });
  module.def("loss_signatures", [] { return to_list(loss_signatures()); });
  module.def("metric_signatures", [] { return to_list(metric_signatures()); });
  module.def("optimizer_signatures", [] { return to_list(optimizer_signatures()); });
  module.def("schedule_signatures", [] { return to_list(schedule_signatures()); });
  module.def("initializer_signatures", [] { return to_list(initializer_signatures()); });
  module.def("regularizer_signatures", [] { return to_list(regularizer_signatures()); });
  module.def("constraint_signatures", [] { return to_list(constraint_signatures()); });
  module.def("activation_signatures", [] { return to_list(activation_signatures()); });
}

}  // namespace sinew::python
