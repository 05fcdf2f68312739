#include "sinew/nn/optimizers.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "attributes.h"
#include "layers.h"
#include "model/config_json.h"

namespace sinew::python {

void bind_optimizers(nb::module_& module) {
  nb::class_<Optimizer>(module, "Optimizer")
      .def_prop_ro("class_name", &Optimizer::class_name)
      .def_prop_ro("name", &Optimizer::name)
      .def_prop_ro("identifier", &Optimizer::identifier)
      .def_prop_ro("config",
                   [](const Optimizer& o) { return from_json(model::to_json(o.config())); })
      .def_prop_rw("learning_rate", &Optimizer::learning_rate, &Optimizer::set_learning_rate)
      .def_prop_ro("iterations", &Optimizer::iterations)
      .def_prop_ro("variables", [](const Optimizer& o) { return variables(o.variables()); })
      .def("exclude_from_weight_decay", &Optimizer::exclude_from_weight_decay, "weights"_a,
           "names"_a)
      .def("swap_moving_averages", &Optimizer::swap_moving_averages)
      .def("finalize_variable_values", &Optimizer::finalize_variable_values);
  module.def(
      "make_optimizer",
      [](const std::string& class_name, nb::handle config) {
        return std::shared_ptr<Optimizer>(make_optimizer(class_name, to_attributes(config)));
      },
      "class_name"_a, "config"_a);
  module.def(
      "optimizer_from_text",
      [](const std::string& text) { return std::shared_ptr<Optimizer>(OptimizerPtr(text)); },
      "identifier"_a);
  module.def("schedule_at", [](const std::string& identifier, std::int64_t step) {
    return SchedulePtr(identifier)->at(step);
  });
}

}  // namespace sinew::python
