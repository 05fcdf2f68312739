#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sinew/base/tensor.h"
#include "sinew/graph/variable.h"

namespace sinew::model {

/// What a file of any format holds, and what of a model it belongs to.
using NamedTensors = std::vector<std::pair<std::string, Tensor>>;
using NamedVariables = std::vector<std::pair<std::string, VariablePtr>>;

/// Variables by their numbers: their own names hold those of layers, which another program may have
/// chosen otherwise.
NamedVariables numbered(const std::string& prefix, const std::vector<VariablePtr>& variables);

void append(NamedTensors& tensors, const NamedVariables& variables);
const Tensor* find(const NamedTensors& tensors, const std::string& name);
/// Of all tensors together: what a model of the file has at most.
std::int64_t count_elements(const NamedTensors& tensors);
/// Takes tensors into variables: all are checked before the first is taken. Throws ValueError or
/// ShapeError naming the file and the tensor that is missing or does not fit.
void take(const NamedTensors& tensors, const NamedVariables& variables, const std::string& path);

}  // namespace sinew::model
