#pragma once

#include <string>

#include "sinew/graph/graph.h"

/// Truth against prediction: what losses and metrics share in bringing y_true and y_pred into one
/// shape.
namespace sinew {

/// y_true and y_pred, ready for a formula.
struct Targets {
  Value y_true;
  Value y_pred;
};

/// Same shape and dtype: y_true is converted, and a missing or a spare last axis of extent 1 is
/// added or dropped as in Keras ((N,) beside (N, 1)). Throws ShapeError beginning with `name` and
/// naming both shapes.
Targets align(const std::string& name, Value y_true, Value y_pred);

/// The same for one-hot labels: says which loss takes class numbers when that is what y_true holds.
Targets align_classes(const std::string& name, Value y_true, Value y_pred);

/// y_true as Int64 class numbers (N, …) beside y_pred (N, …, classes); throws ShapeError saying
/// what takes one-hot labels when that is what y_true holds.
Targets align_class_numbers(const std::string& name, Value y_true, Value y_pred);

/// One weight a value: `weights` (N,) or of the values' rank, in their dtype, ready to be
/// broadcast. `what` they are called in errors.
Value align_weights(const std::string& name, Value weights, Value values,
                    const char* what = "sample weights");

}  // namespace sinew
