#include "sinew/nn/metrics.h"

#include <fmt/format.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "arrays.h"
#include "attributes.h"
#include "held.h"
#include "layers.h"
#include "python_function.h"
#include "sinew/base/error.h"
#include "sinew/compiler/eval.h"
#include "sinew/compiler/evaluator.h"
#include "values.h"

namespace sinew::python {
namespace {

/// A metric written in Python: update_state() appends to the step, and result(), a formula of the
/// metric's variables, is compiled once. The model in Python keeps its object, which keeps this
/// one.
class PythonMetric final : public Metric {
 public:
  PythonMetric(const nb::object& self, const std::string& name)
      : Metric(name), self_(nb::weakref(self)) {}

  VariablePtr add(const std::string& name, const std::string& dtype, Shape shape, double initial) {
    const VariablePtr variable = add_variable(name, dtype_from_name(dtype), std::move(shape));
    initial_.push_back(initial);
    variable->assign(Tensor::full(variable->shape(), initial, variable->dtype()));
    return variable;
  }

  void build(const TensorType& y_true, const TensorType& y_pred) override {
    nb::gil_scoped_acquire lock;
    object().attr("_build")(shape_tuple(y_true.shape), shape_tuple(y_pred.shape));
  }

  void update(CallContext& context, Value y_true, Value y_pred, Value sample_weight) override {
    nb::gil_scoped_acquire lock;
    const TraceScope scope(context.graph, &context);
    nb::object weight = nb::none();
    if (sample_weight) weight = nb::cast(TracedValue(sample_weight));
    object().attr("update_state")(TracedValue(y_true), TracedValue(y_pred), weight);
  }

  double result() const override {
    if (result_count() != 1) {
      throw ValueError(fmt::format("metric {} has {} results, not one", name(), result_count()));
    }
    return result_at(0);
  }
  std::int64_t result_count() const override {
    compile();
    return count_;
  }
  double result_at(std::int64_t index) const override {
    compile();
    if (index == 0) last_ = (*evaluator_)()[0];
    return last_.at(index);
  }

  void reset() override {
    for (std::size_t i = 0; i < variables().size(); ++i) {
      const VariablePtr& variable = variables()[i];
      variable->assign(Tensor::full(variable->shape(), initial_[i], variable->dtype()));
    }
  }

 private:
  nb::object object() const {
    nb::object self = self_.get()();
    if (self.is_none())
      throw ValueError(fmt::format("the Python object of metric {} is gone: keep it", name()));
    return self;
  }

  void compile() const {
    if (evaluator_) return;
    nb::gil_scoped_acquire lock;
    Graph graph;
    CallContext context{.graph = graph};
    const TraceScope scope(graph, &context);
    const nb::object result = object().attr("_result")();
    const Value value = nb::cast<const TracedValue&>(result).get();
    count_ = value.shape().numel();
    evaluator_.emplace(std::vector<Value>{value});
  }

  /// A weak reference.
  Held self_;
  std::vector<double> initial_;
  mutable std::optional<Evaluator> evaluator_;
  mutable std::int64_t count_ = 1;
  mutable Tensor last_;
};

/// Appends an update to the present trace, which must be a Scratch, and runs it.
void update_state(Metric& metric, const Array& y_true, const Array& y_pred,
                  const std::optional<Array>& weight, bool first) {
  const Tensor truth = to_tensor(y_true);
  const Tensor predicted = to_tensor(y_pred);
  if (first) {
    const auto type = [](const Tensor& tensor) {
      return TensorType{tensor.dtype(), tensor.shape()};
    };
    metric.build(type(truth), type(predicted));
  }
  nb::gil_scoped_release unlocked;
  Graph graph;
  CallContext context{.graph = graph};
  metric.update(context, graph.constant(truth), graph.constant(predicted),
                weight ? graph.constant(to_tensor(*weight)) : Value());
  std::vector<Value> updated;
  std::vector<VariablePtr> variables;
  for (const Graph::Update& update : graph.updates()) {
    updated.push_back(graph.value(update.value));
    variables.push_back(graph.variables()[static_cast<std::size_t>(update.variable)]);
  }
  const std::vector<Tensor> values = eval(updated);
  for (std::size_t i = 0; i < values.size(); ++i) variables[i]->assign(values[i]);
}

}  // namespace

void bind_metrics(nb::module_& module) {
  nb::class_<Metric>(module, "Metric")
      .def_prop_rw("name", &Metric::name, &Metric::set_name)
      .def_prop_ro("identifier", &Metric::identifier)
      .def("update_state", &update_state, "y_true"_a, "y_pred"_a, "sample_weight"_a, "first"_a)
      .def("result", [](const Metric& metric) { return to_array(metric.results()); })
      .def("reset_state", [](Metric& metric) { metric.reset(); })
      .def_prop_ro("variables", [](const Metric& m) { return variables(m.variables()); });
  module.def(
      "make_metric",
      [](const std::string& class_name, nb::handle config) {
        return std::shared_ptr<Metric>(
            MetricPtr(Identifier{class_name, to_attributes(config)}.str()));
      },
      "class_name"_a, "config"_a);
  module.def(
      "function_metric",
      [](const nb::object& function, const std::string& name) {
        return std::shared_ptr<Metric>(MetricPtr(loss_function(function), name));
      },
      "function"_a, "name"_a);
  module.def(
      "make_python_metric",
      [](const nb::object& self, const std::string& name) {
        return std::shared_ptr<Metric>(std::make_shared<PythonMetric>(self, name));
      },
      "metric"_a, "name"_a);
  module.def(
      "add_metric_variable",
      [](Metric& metric, const std::string& name, const std::string& dtype, nb::handle shape,
         double initial) {
        auto* python = dynamic_cast<PythonMetric*>(&metric);
        if (!python) throw ValueError("this metric is not written in Python");
        return python->add(name, dtype, to_shape(shape), initial);
      },
      "metric"_a, "name"_a, "dtype"_a, "shape"_a, "initial"_a);
}

}  // namespace sinew::python
