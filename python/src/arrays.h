#pragma once

#include <nanobind/ndarray.h>
#include <nanobind/stl/vector.h>

#include <vector>

#include "bind.h"
#include "sinew/base/tensor.h"
#include "sinew/graph/graph.h"

namespace sinew::python {

/// What the Python side has made ready (sinew._arrays): row-major, on the host, of a dtype that
/// Sinew has.
using Array = nb::ndarray<nb::ro, nb::c_contig, nb::device::cpu>;

/// The array's memory as a tensor, which keeps the array alive. Throws DTypeError.
Tensor to_tensor(const Array& array);
std::vector<Tensor> to_tensors(const std::vector<Array>& arrays);

/// The tensor's memory as a NumPy array, which keeps the tensor alive; bfloat16 as float32.
nb::object to_array(const Tensor& tensor);
nb::list to_arrays(const std::vector<Tensor>& tensors);

/// Extents as a tuple with None for unknown ones, and back.
nb::tuple shape_tuple(const Shape& shape);
Shape to_shape(nb::handle extents);

}  // namespace sinew::python
