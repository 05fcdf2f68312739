#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "layers.h"
#include "sinew/model/model.h"
#include "training.h"

namespace sinew::python {
namespace {

void bind_structure(nb::class_<Model>& model) {
  model.def_prop_ro("name", &Model::name)
      .def_prop_ro("address",
                   [](const Model& m) { return reinterpret_cast<std::uintptr_t>(m.state().get()); })
      .def_prop_ro("class_name", &Model::class_name)
      .def_prop_ro("built", &Model::built)
      .def_prop_ro("compiled", &Model::compiled)
      .def_prop_ro("layers", &Model::layers)
      .def("get_layer", &Model::get_layer, "name"_a)
      .def_prop_ro("inputs", &Model::inputs)
      .def_prop_ro("outputs", &Model::outputs)
      .def_prop_ro("output_names", &Model::output_names)
      .def("call_tensors", &Model::call_all, "inputs"_a)
      .def_prop_ro("weights", [](const Model& m) { return variables(m.weights()); })
      .def_prop_ro("trainable_weights",
                   [](const Model& m) { return variables(m.trainable_weights()); })
      .def("count_params", &Model::count_params)
      .def("get_weights", [](const Model& m) { return to_arrays(m.get_weights()); })
      .def(
          "set_weights",
          [](Model& m, const std::vector<Array>& weights) { m.set_weights(to_tensors(weights)); },
          "weights"_a)
      .def("reset_states", &Model::reset_states)
      .def("summary", &Model::summary)
      .def("inspect", &Model::inspect, "batch_size"_a)
      .def("to_json", &Model::to_json);
}

void bind_files(nb::module_& module, nb::class_<Model>& model) {
  const nb::call_guard<nb::gil_scoped_release> unlocked;
  model.def("save", &Model::save, "path"_a, unlocked)
      .def("save_weights", &Model::save_weights, "path"_a, unlocked)
      .def("load_weights", &Model::load_weights, "path"_a, unlocked)
      .def_prop_ro("metadata", [](const Model& m) { return m.metadata(); })
      .def("set_metadata", &Model::set_metadata, "name"_a, "text"_a);
  module.def("load_model", &load_model, "path"_a, unlocked);
  module.def("model_from_json", &model_from_json, "text"_a, unlocked);
}

}  // namespace

void bind_models(nb::module_& module) {
  nb::class_<Model> model(module, "Model");
  model.def(nb::init<std::vector<KerasTensor>, std::vector<KerasTensor>, std::string>(), "inputs"_a,
            "outputs"_a, "name"_a);
  bind_structure(model);
  bind_files(module, model);
  bind_training(model);
  nb::class_<Sequential, Model>(module, "Sequential")
      .def(
          "__init__",
          [](Sequential* self, const std::string& name) { new (self) Sequential({}, name); },
          "name"_a)
      .def(
          "add_layer",
          [](Sequential& s, const std::shared_ptr<Layer>& layer) { s.add(LayerPtr(layer)); },
          "layer"_a)
      .def(
          "add_input", [](Sequential& s, const KerasTensor& input) { s.add(input); }, "input"_a)
      .def("pop", &Sequential::pop)
      .def(
          "build", [](Sequential& s, nb::handle shape) { s.build(to_shape(shape)); }, "shape"_a);
}

}  // namespace sinew::python
