#pragma once

#include "sinew/graph/graph.h"
#include "sinew/nn/losses.h"

/// The formulas of the losses, one value a sample; metrics use them too.
namespace sinew::losses {

Value mean_squared_error(Value y_true, Value y_pred);
Value mean_absolute_error(Value y_true, Value y_pred);
Value binary_crossentropy(Value y_true, Value y_pred, const CrossentropyOptions& options);
Value categorical_crossentropy(Value y_true, Value y_pred, const CrossentropyOptions& options);
Value sparse_categorical_crossentropy(Value y_true, Value y_pred,
                                      const SparseCrossentropyOptions& options);

}  // namespace sinew::losses
