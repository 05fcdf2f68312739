#include "values.h"

#include <fmt/format.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "arrays.h"
#include "sinew/autodiff/gradients.h"
#include "sinew/base/error.h"
#include "sinew/compiler/eval.h"
#include "sinew/graph/variable.h"
#include "sinew/ops/elementwise.h"

namespace sinew::python {
namespace {

thread_local std::vector<std::shared_ptr<Trace>> traces;

}  // namespace

TraceScope::TraceScope(Graph& graph, CallContext* context, std::optional<DType> compute) {
  // A plain function within a layer's call reads variables as the layer does.
  if (!context && !traces.empty() && traces.back()->graph == &graph) {
    context = traces.back()->context;
    compute = traces.back()->compute;
  }
  traces.push_back(std::make_shared<Trace>(Trace{&graph, context, compute}));
}

TraceScope::~TraceScope() {
  const std::shared_ptr<Trace> trace = traces.back();
  traces.pop_back();
  // Values of a call within a call go out into the outer one.
  if (traces.empty() || traces.back()->graph != trace->graph) trace->ended = true;
}

std::shared_ptr<Trace> current_trace() { return traces.empty() ? nullptr : traces.back(); }

Trace& trace_for(const std::string& what) {
  if (traces.empty()) {
    throw ValueError(what +
                     " works on symbolic Values, within the call of a layer, loss or metric only");
  }
  return *traces.back();
}

Value Trace::read(const VariablePtr& variable) const {
  const Value value = context ? context->current(variable) : graph->variable(variable);
  const auto castable = [](DType dtype) {
    return dtype == DType::Float32 || dtype == DType::BFloat16;
  };
  const bool cast = compute && castable(*compute) && castable(value.dtype());
  return cast ? ops::cast(value, *compute) : value;
}

Value TracedValue::get() const {
  if (!trace_ || trace_->ended) {
    throw ValueError(
        "this Value belongs to a call that has ended: a Value is of use only in the call that it "
        "was "
        "made in. Keep what must last in a weight");
  }
  return value_;
}

Value value_or_none(const std::optional<TracedValue>& value) {
  return value ? value->get() : Value();
}

namespace {

/// A graph of its own, for ops that are given arrays: built, compiled and run at once.
class Scratch {
 public:
  void enter() { scope_ = std::make_unique<TraceScope>(graph_, &context_); }
  void exit() { scope_.reset(); }
  nb::list run(const std::vector<TracedValue>& values) {
    std::vector<Value> wanted;
    for (const TracedValue& value : values) wanted.push_back(value.get());
    std::vector<Tensor> results;
    {
      nb::gil_scoped_release unlocked;
      results = eval(wanted);
    }
    return to_arrays(results);
  }

 private:
  Graph graph_;
  CallContext context_{.graph = graph_};
  std::unique_ptr<TraceScope> scope_;
};

}  // namespace

void bind_values(nb::module_& module) {
  nb::class_<TracedValue>(module, "Value", "A symbolic tensor of a program under construction.")
      .def_prop_ro("shape", [](const TracedValue& x) { return shape_tuple(x.get().shape()); })
      .def_prop_ro("dtype",
                   [](const TracedValue& x) { return std::string(name_of(x.get().dtype())); })
      .def_prop_ro("ndim", [](const TracedValue& x) { return x.get().rank(); });

  module.def(
      "in_trace", [] { return current_trace() != nullptr; },
      "Whether a call of a layer, loss or metric is being recorded.");
  module.def("is_training", [] {
    const auto trace = current_trace();
    return trace && trace->context && trace->context->training;
  });
  module.def(
      "constant",
      [](const Array& array) {
        Graph& graph = *trace_for("constant()").graph;
        return TracedValue(graph.constant(to_tensor(array).clone()));
      },
      "array"_a);
  module.def(
      "add_loss",
      [](const TracedValue& loss) {
        Trace& trace = trace_for("add_loss()");
        if (!trace.context) throw ValueError("add_loss() works within a layer's call only");
        trace.context->losses.push_back(loss.get());
      },
      "loss"_a);
  module.def(
      "gradients",
      [](const TracedValue& target, const std::vector<TracedValue>& sources,
         const std::optional<TracedValue>& cotangent) {
        std::vector<Value> inputs;
        for (const TracedValue& source : sources) inputs.push_back(source.get());
        std::vector<TracedValue> result;
        for (const Value& slope : gradients(target.get(), inputs, value_or_none(cotangent)))
          result.push_back(target.with(slope));
        return result;
      },
      "target"_a, "sources"_a, "cotangent"_a = nb::none());

  nb::class_<Scratch>(module, "Scratch")
      .def(nb::init<>())
      .def(
          "__enter__",
          [](Scratch& scratch) -> Scratch& {
            scratch.enter();
            return scratch;
          },
          nb::rv_policy::reference)
      .def("__exit__", [](Scratch& scratch, nb::args) { scratch.exit(); })
      .def("run", &Scratch::run, "values"_a);

  nb::class_<Variable>(module, "Variable")
      .def(
          "__init__",
          [](Variable* self, const std::string& name, const Array& initial, bool trainable) {
            new (self) Variable(name, to_tensor(initial).clone(), trainable);
          },
          "name"_a, "initial"_a, "trainable"_a = false)
      .def_prop_ro("address",
                   [](const Variable& v) { return reinterpret_cast<std::uintptr_t>(&v); })
      .def_prop_ro("name", &Variable::name)
      .def_prop_ro("shape", [](const Variable& v) { return shape_tuple(v.shape()); })
      .def_prop_ro("dtype", [](const Variable& v) { return std::string(name_of(v.dtype())); })
      .def_prop_rw("trainable", &Variable::trainable, &Variable::set_trainable)
      .def("numpy", [](const Variable& v) { return to_array(v.value()); })
      .def(
          "assign",
          [](Variable& v, const Array& value) {
            const Tensor tensor = to_tensor(value);
            v.assign(tensor.dtype() == v.dtype() ? tensor : tensor.cast(v.dtype()));
          },
          "value"_a)
      .def("read",
           [](const std::shared_ptr<Variable>& v) {
             return TracedValue(trace_for("reading a variable").read(v));
           })
      .def(
          "assign_value",
          [](const std::shared_ptr<Variable>& v, const TracedValue& value) {
            Trace& trace = trace_for("assign()");
            if (!trace.context)
              throw ValueError("a variable can be assigned within a layer's or metric's call only");
            trace.context->assign(v, ops::cast(value.get(), v->dtype()));
          },
          "value"_a);
}

}  // namespace sinew::python
