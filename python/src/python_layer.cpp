#include "python_layer.h"

#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>

#include "attributes.h"
#include "layers.h"
#include "python_function.h"
#include "sinew/base/error.h"
#include "sinew/nn/custom_objects.h"
#include "sinew/nn/layers.h"
#include "sinew/nn/registry.h"
#include "values.h"

namespace sinew::python {

nb::object PythonLayer::object() const {
  return self_ ? nb::borrow(self_->get()) : nb::object(nb::none());
}

Attributes PythonLayer::config() const {
  nb::gil_scoped_acquire lock;
  return to_attributes(object().attr("get_config")());
}

bool PythonLayer::supports_masking() const {
  nb::gil_scoped_acquire lock;
  return nb::cast<bool>(object().attr("supports_masking"));
}

void PythonLayer::build_for(const std::vector<TensorType>& inputs) {
  nb::gil_scoped_acquire lock;
  object().attr("_build")(types_list(inputs));
  build_sublayers(inputs);
}

void PythonLayer::build_sublayers(const std::vector<TensorType>& inputs) {
  const auto built = [](const std::shared_ptr<Layer>& layer) { return layer->built(); };
  if (std::all_of(sublayers().begin(), sublayers().end(), built)) return;
  Graph graph;
  CallContext context{.graph = graph};
  std::vector<Value> values;
  for (const TensorType& input : inputs) {
    std::vector<std::int64_t> extents = input.shape.dims();
    // Any extent does where none is known: weights do not depend on it.
    std::replace(extents.begin(), extents.end(), Shape::kUnknown, std::int64_t{2});
    values.push_back(graph.input("x" + std::to_string(values.size()), input.dtype, Shape(extents)));
  }
  call(context, values);
}

std::vector<Value> PythonLayer::call(CallContext& context, const std::vector<Value>& inputs) {
  nb::gil_scoped_acquire lock;
  const TraceScope scope(context.graph, &context, compute_dtype());
  nb::list arguments;
  for (const Value& input : inputs) arguments.append(TracedValue(input));
  std::vector<Value> results;
  for (const nb::handle result : object().attr("_call")(arguments, context.training))
    results.push_back(nb::cast<const TracedValue&>(result).get());
  return results;
}

namespace {

int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  if (!nb::inst_ready(self)) return 0;
  auto* layer = dynamic_cast<PythonLayer*>(nb::inst_ptr<Layer>(self));
  if (layer && layer->held_by_python_only()) {
    const nb::object object = layer->object();
    Py_VISIT(object.ptr());
  }
  return 0;
}

int clear(PyObject* self) {
  if (!nb::inst_ready(self)) return 0;
  auto* layer = dynamic_cast<PythonLayer*>(nb::inst_ptr<Layer>(self));
  if (layer && layer->held_by_python_only()) layer->let_go();
  return 0;
}

std::shared_ptr<Layer> make_python_layer(const nb::object& self, const std::string& class_name) {
  return std::make_shared<PythonLayer>(self, class_name);
}

PythonLayer& python_layer(Layer& layer) {
  auto* python = dynamic_cast<PythonLayer*>(&layer);
  if (!python) throw ValueError(layer.where() + " is not written in Python");
  return *python;
}

std::shared_ptr<Variable> add_weight(Layer& layer, const std::string& name, nb::handle shape,
                                     const std::string& initializer, const std::string& regularizer,
                                     const std::string& constraint, bool trainable) {
  return python_layer(layer).add_weight(name, to_shape(shape),
                                        {initializer, regularizer, constraint, trainable});
}

/// Makes a class of the user's known to files: layers of that class name are made by
/// `class.from_config(config)`.
void register_layer(const std::string& class_name, const nb::object& python_class) {
  const Held held(python_class);
  const RegisterLayer registered(class_name, [held](const Attributes& config) -> LayerPtr {
    nb::gil_scoped_acquire lock;
    const nb::object layer = held.get().attr("from_config")(from_attributes(config));
    return LayerPtr(nb::cast<std::shared_ptr<Layer>>(layer.attr("_handle")));
  });
}

}  // namespace

PyType_Slot python_layer_slots[] = {{Py_tp_traverse, reinterpret_cast<void*>(traverse)},
                                    {Py_tp_clear, reinterpret_cast<void*>(clear)},
                                    {0, nullptr}};

void bind_python_layer(nb::module_& module) {
  module.def("make_python_layer", &make_python_layer, "layer"_a, "class_name"_a);
  module.def("add_weight", &add_weight, "layer"_a, "name"_a, "shape"_a, "initializer"_a,
             "regularizer"_a, "constraint"_a, "trainable"_a);
  module.def(
      "add_sublayer",
      [](Layer& layer, const std::shared_ptr<Layer>& sublayer) {
        python_layer(layer).add_sublayer(sublayer);
      },
      "layer"_a, "sublayer"_a);
  module.def("register_layer", &register_layer, "class_name"_a, "python_class"_a);
  module.def("register_activation", [](const std::string& name, const nb::object& function) {
    register_activation(name, value_function(function));
  });
  module.def("register_regularizer", [](const std::string& name, const nb::object& function) {
    register_regularizer(name, value_function(function));
  });
  module.def("register_constraint", [](const std::string& name, const nb::object& function) {
    register_constraint(name, value_function(function));
  });
  module.def("register_initializer", [](const std::string& name, const nb::object& function) {
    register_initializer(name, initializer_function(function));
  });
  module.def(
      "lambda_layer",
      [](const nb::object& function, const std::string& name) {
        return std::shared_ptr<Layer>(layers::Lambda(values_function(function), {.name = name}));
      },
      "function"_a, "name"_a = "");
}

}  // namespace sinew::python
