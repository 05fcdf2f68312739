#include "python_function.h"

#include <fmt/format.h>
#include <nanobind/stl/string.h>

#include "arrays.h"
#include "sinew/base/error.h"
#include "values.h"

namespace sinew::python {
namespace {

Value value_of(nb::handle result, nb::handle function) {
  if (!nb::isinstance<TracedValue>(result)) {
    throw ValueError(fmt::format("{} gave {}, not a Value: write it in sinew.keras.ops",
                                 nb::cast<std::string>(nb::repr(function)),
                                 nb::cast<std::string>(nb::repr(result))));
  }
  return nb::cast<const TracedValue&>(result).get();
}

}  // namespace

ValueFunction value_function(const nb::object& function) {
  return [held = Held(function)](Value x) {
    nb::gil_scoped_acquire lock;
    const TraceScope scope(x.graph());
    return value_of(held.get()(TracedValue(x)), held.get());
  };
}

std::function<std::vector<Value>(const std::vector<Value>&)> values_function(
    const nb::object& function) {
  return [held = Held(function)](const std::vector<Value>& inputs) {
    nb::gil_scoped_acquire lock;
    const TraceScope scope(inputs.at(0).graph());
    nb::list arguments;
    for (const Value& input : inputs) arguments.append(TracedValue(input));
    const nb::object given = held.get()(arguments);
    std::vector<Value> results;
    for (const nb::handle result : given) results.push_back(value_of(result, held.get()));
    return results;
  };
}

Loss::Function loss_function(const nb::object& function) {
  return [held = Held(function)](Value y_true, Value y_pred) -> LossValues {
    nb::gil_scoped_acquire lock;
    const TraceScope scope(y_pred.graph());
    return value_of(held.get()(TracedValue(y_true), TracedValue(y_pred)), held.get());
  };
}

Initializer::Function initializer_function(const nb::object& function) {
  return [held = Held(function)](const Shape& shape, DType dtype, PhiloxStream&) {
    nb::gil_scoped_acquire lock;
    const nb::object array = held.get()(shape_tuple(shape), std::string(name_of(dtype)));
    Tensor tensor = to_tensor(nb::cast<Array>(array)).clone();
    if (tensor.shape() != shape) {
      throw ShapeError(
          fmt::format("an initializer gave an array of shape {} for a weight of shape {}",
                      tensor.shape().str(), shape.str()));
    }
    return tensor.dtype() == dtype ? tensor : tensor.cast(dtype);
  };
}

}  // namespace sinew::python
