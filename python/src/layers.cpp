#include "layers.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "attributes.h"
#include "model/architecture.h"
#include "python_layer.h"
#include "sinew/compiler/eval.h"
#include "sinew/nn/layers.h"
#include "sinew/nn/registry.h"

namespace sinew::python {

std::vector<TracedValue> call_on_values(Layer& layer, const std::vector<TracedValue>& inputs) {
  Trace& trace = trace_for("calling a layer on Values");
  if (!trace.context) {
    throw nb::value_error("a layer can be called on Values within another layer's call only");
  }
  std::vector<Value> values;
  for (const TracedValue& input : inputs) values.push_back(input.get());
  std::vector<TracedValue> results;
  for (const Value& value : layer(*trace.context, values)) results.emplace_back(value);
  return results;
}

nb::list call_on_arrays(const std::shared_ptr<Layer>& layer, const std::vector<Array>& inputs) {
  const std::vector<Tensor> tensors = to_tensors(inputs);
  std::vector<Tensor> results;
  {
    nb::gil_scoped_release unlocked;
    Graph graph;
    CallContext context{.graph = graph};
    std::vector<Value> values;
    for (const Tensor& tensor : tensors) values.push_back(graph.constant(tensor));
    std::vector<Value> wanted = (*layer)(context, values);
    const std::vector<VariablePtr> states = layer->states();
    for (const VariablePtr& state : states) wanted.push_back(context.current(state));
    results = eval(wanted);
    for (auto state = states.rbegin(); state != states.rend(); ++state) {
      (*state)->assign(results.back());
      results.pop_back();
    }
  }
  return to_arrays(results);
}

nb::list variables(const std::vector<VariablePtr>& list) {
  nb::list result;
  for (const VariablePtr& variable : list) result.append(nb::cast(variable));
  return result;
}

nb::list types_list(const std::vector<TensorType>& types) {
  nb::list result;
  for (const TensorType& type : types)
    result.append(nb::make_tuple(shape_tuple(type.shape), std::string(name_of(type.dtype))));
  return result;
}

namespace {

std::vector<TensorType> to_types(const std::vector<nb::tuple>& types) {
  std::vector<TensorType> result;
  for (const nb::tuple& type : types)
    result.push_back({dtype_from_name(nb::cast<std::string>(type[1])), to_shape(type[0])});
  return result;
}

void bind_keras_tensor(nb::module_& module) {
  nb::class_<KerasTensor>(module, "KerasTensor",
                          "A tensor of a model under declaration: what calling a layer gives.")
      .def_prop_ro("shape", [](const KerasTensor& t) { return shape_tuple(t.shape()); })
      .def_prop_ro("dtype", [](const KerasTensor& t) { return std::string(name_of(t.dtype())); })
      .def_prop_ro("ndim", [](const KerasTensor& t) { return t.shape().rank(); })
      .def_prop_ro("name", [](const KerasTensor& t) { return t.call()->layer->name(); })
      .def_prop_ro("layer", [](const KerasTensor& t) { return t.call()->layer; });
  module.def(
      "Input",
      [](nb::handle shape, const std::string& dtype, const std::string& name,
         std::optional<std::int64_t> batch_size) {
        return Input(to_shape(shape),
                     {.dtype = dtype_from_name(dtype), .name = name, .batch_size = batch_size});
      },
      "shape"_a, "dtype"_a = "float32", "name"_a = "", "batch_size"_a = nb::none());
}

void bind_call(nb::class_<Layer>& layer) {
  layer
      .def(
          "call_tensors",
          [](const std::shared_ptr<Layer>& self, const std::vector<KerasTensor>& inputs) {
            return LayerPtr(self).call_all(inputs);
          },
          "inputs"_a)
      .def("call_values", &call_on_values, "inputs"_a)
      .def("call_arrays", &call_on_arrays, "inputs"_a)
      .def(
          "build",
          [](Layer& self, const std::vector<nb::tuple>& types) {
            self.ensure_built(to_types(types));
          },
          "types"_a)
      .def(
          "output_types",
          [](Layer& self, const std::vector<nb::tuple>& types) {
            return types_list(self.output_types(to_types(types)));
          },
          "types"_a);
}

}  // namespace

void bind_layers(nb::module_& module) {
  nb::class_<Layer> layer(module, "Layer", nb::type_slots(python_layer_slots));
  layer
      .def_prop_ro("address",
                   [](const Layer& self) { return reinterpret_cast<std::uintptr_t>(&self); })
      .def_prop_ro("class_name", &Layer::class_name)
      .def_prop_rw("name", &Layer::name, &Layer::set_name)
      .def_prop_rw("trainable", &Layer::trainable, &Layer::set_trainable)
      .def_prop_ro("built", &Layer::built)
      .def_prop_ro("dtype", [](const Layer& l) { return std::string(name_of(l.dtype())); })
      .def_prop_ro("compute_dtype",
                   [](const Layer& l) { return std::string(name_of(l.compute_dtype())); })
      .def_prop_ro("dtype_policy", [](const Layer& l) { return l.dtype_policy().name(); })
      .def("set_dtype_policy",
           [](Layer& l, const std::string& name) { l.set_dtype_policy(DTypePolicy(name)); })
      .def("set_input_shape",
           [](Layer& l, nb::handle shape) { l.set_input_shape(to_shape(shape)); })
      .def_prop_ro("input_shape", [](const Layer& l) { return shape_tuple(l.input_shape()); })
      .def_prop_ro("weights", [](const Layer& l) { return variables(l.weights()); })
      .def_prop_ro("trainable_weights",
                   [](const Layer& l) { return variables(l.trainable_weights()); })
      .def_prop_ro("stateful", &Layer::stateful)
      .def_prop_ro("states", [](const Layer& l) { return variables(l.states()); })
      .def("reset_state", &Layer::reset_state)
      .def_prop_ro("parameter_count", &Layer::parameter_count)
      .def_prop_ro("call_options", &Layer::call_options)
      .def_prop_ro("arguments", [](const Layer& l) { return from_attributes(l.config()); })
      .def_prop_ro("config",
                   [](const Layer& l) { return from_json(model::layer_config_to_json(l)); })
      .def_prop_ro("python_object", [](nb::handle self) -> nb::object {
        auto* python = dynamic_cast<PythonLayer*>(nb::inst_ptr<Layer>(self));
        return python ? python->object() : nb::none();
      });
  bind_call(layer);
  bind_keras_tensor(module);
  module.def(
      "make_layer",
      [](const std::string& class_name, nb::handle config) {
        return std::shared_ptr<Layer>(make_layer(class_name, to_attributes(config)));
      },
      "class_name"_a, "config"_a);
  module.def("layer_names", &layer_names);
}

}  // namespace sinew::python
