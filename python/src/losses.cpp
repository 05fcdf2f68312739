#include "sinew/nn/losses.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include "arrays.h"
#include "attributes.h"
#include "bind.h"
#include "python_function.h"
#include "sinew/nn/constraints.h"
#include "sinew/nn/initializers.h"
#include "sinew/nn/regularizers.h"
#include "sinew/nn/session.h"
#include "values.h"

namespace sinew::python {

void bind_losses(nb::module_& module) {
  nb::class_<Loss>(module, "Loss")
      .def(
          "__init__",
          [](Loss* self, const std::string& identifier) { new (self) Loss(identifier); },
          "identifier"_a)
      .def_prop_ro("name", &Loss::name)
      .def_prop_ro("identifier", &Loss::identifier)
      .def(
          "values",
          [](const Loss& loss, const TracedValue& y_true, const TracedValue& y_pred) {
            return y_pred.with(loss.call(y_true.get(), y_pred.get()));
          },
          "y_true"_a, "y_pred"_a)
      .def(
          "__call__",
          [](const Loss& loss, const TracedValue& y_true, const TracedValue& y_pred,
             const std::optional<TracedValue>& weight) {
            return y_pred.with(loss(y_true.get(), y_pred.get(), value_or_none(weight)));
          },
          "y_true"_a, "y_pred"_a, "sample_weight"_a = nb::none());
  module.def(
      "make_loss",
      [](const std::string& class_name, nb::handle config) {
        return Loss(Identifier{class_name, to_attributes(config)});
      },
      "class_name"_a, "config"_a);
  module.def(
      "function_loss",
      [](const nb::object& function, const std::string& name) {
        return Loss(loss_function(function), name);
      },
      "function"_a, "name"_a);
  module.def("regularizer_value", [](const std::string& identifier, const TracedValue& weight) {
    return weight.with(Regularizer(identifier)(weight.get()));
  });
  module.def("constraint_value", [](const std::string& identifier, const TracedValue& weight) {
    return weight.with(Constraint(identifier)(weight.get()));
  });
  module.def("draw", [](const std::string& identifier, nb::handle shape, const std::string& dtype) {
    const std::uint64_t stream = next_layer_number() << 16;
    return to_array(
        Initializer(identifier)(to_shape(shape), dtype_from_name(dtype), random_seed(), stream));
  });
  // Texts that options take, from a class and its config: "L2(l2=0.01)".
  module.def(
      "identifier",
      [](const std::string& class_name, nb::handle config) {
        return Identifier{class_name, to_attributes(config)}.str();
      },
      "class_name"_a, "config"_a);
  module.def(
      "parse_identifier",
      [](const std::string& text) {
        const Identifier identifier = Identifier::parse(text, "identifier");
        return nb::make_tuple(identifier.name, from_attributes(identifier.arguments));
      },
      "text"_a);
}

}  // namespace sinew::python
