#pragma once

#include <functional>
#include <vector>

#include "held.h"
#include "sinew/nn/custom_objects.h"
#include "sinew/nn/losses.h"

/// Python functions as those of C++. Each takes the interpreter's lock and opens a trace.
namespace sinew::python {

ValueFunction value_function(const nb::object& function);
std::function<std::vector<Value>(const std::vector<Value>&)> values_function(
    const nb::object& function);
/// (y_true, y_pred) -> values.
Loss::Function loss_function(const nb::object& function);
/// (shape, dtype) -> an array.
Initializer::Function initializer_function(const nb::object& function);

}  // namespace sinew::python
