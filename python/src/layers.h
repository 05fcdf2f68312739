#pragma once

#include <memory>
#include <vector>

#include "arrays.h"
#include "sinew/nn/layer.h"
#include "values.h"

namespace sinew::python {

/// A layer's call on Values of the present trace, or on arrays at once.
std::vector<TracedValue> call_on_values(Layer& layer, const std::vector<TracedValue>& inputs);
nb::list call_on_arrays(const std::shared_ptr<Layer>& layer, const std::vector<Array>& inputs);

nb::list variables(const std::vector<VariablePtr>& list);
/// dtype and shape of each, for build() in Python.
nb::list types_list(const std::vector<TensorType>& types);

}  // namespace sinew::python
