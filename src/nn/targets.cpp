#include "nn/targets.h"

#include <fmt/format.h>

#include "sinew/base/error.h"
#include "sinew/ops/ops.h"

namespace sinew {
namespace {

[[noreturn]] void fail(const std::string& name, Value y_true, Value y_pred,
                       const std::string& advice) {
  throw ShapeError(fmt::format("{}: y_true has shape {} and y_pred has shape {}: {}", name,
                               y_true.shape().str(), y_pred.shape().str(), advice));
}

/// Class numbers beside one score a class.
bool looks_like_class_numbers(const Shape& y_true, const Shape& y_pred) {
  if (y_pred.rank() < 1 || y_pred[-1] <= 1) return false;
  return y_true.rank() == y_pred.rank() - 1 || (y_true.rank() == y_pred.rank() && y_true[-1] == 1);
}

}  // namespace

Targets align(const std::string& name, Value y_true, Value y_pred) {
  if (y_true.rank() == y_pred.rank() + 1 && y_true.dim(-1) == 1) {
    if (y_pred.rank() == 1) {
      y_pred = ops::expand_dims(y_pred, -1);
    } else {
      y_true = ops::squeeze(y_true, -1);
    }
  } else if (y_pred.rank() == y_true.rank() + 1 && y_pred.dim(-1) == 1) {
    if (y_true.rank() == 1) {
      y_true = ops::expand_dims(y_true, -1);
    } else {
      y_pred = ops::squeeze(y_pred, -1);
    }
  }
  if (y_true.shape() != y_pred.shape()) {
    fail(name, y_true, y_pred,
         "they must be the same. Does the last layer have as many units as the targets have "
         "columns?");
  }
  if (y_true.dtype() != y_pred.dtype()) y_true = ops::cast(y_true, y_pred.dtype());
  return {y_true, y_pred};
}

Targets align_classes(const std::string& name, Value y_true, Value y_pred) {
  if (looks_like_class_numbers(y_true.shape(), y_pred.shape())) {
    fail(name, y_true, y_pred,
         fmt::format("these are class numbers, but one column a class is wanted. Use sparse_{}, or "
                     "one-hot labels",
                     name));
  }
  return align(name, y_true, y_pred);
}

Targets align_class_numbers(const std::string& name, Value y_true, Value y_pred) {
  if (y_pred.rank() < 1) fail(name, y_true, y_pred, "y_pred must have one column a class");
  if (y_true.rank() == y_pred.rank() && y_true.dim(-1) == 1) y_true = ops::squeeze(y_true, -1);
  if (y_true.shape() == y_pred.shape()) {
    const std::string dense =
        name.starts_with("sparse_") ? name.substr(7) : "a loss for one-hot labels";
    fail(name, y_true, y_pred,
         fmt::format(
             "one class number a sample is wanted, but these look like one-hot labels. Use {}",
             dense));
  }
  std::vector<std::int64_t> wanted = y_pred.shape().dims();
  wanted.pop_back();
  if (y_true.shape().dims() != wanted) {
    fail(name, y_true, y_pred,
         fmt::format("y_true must have shape {}: one class number a sample", Shape(wanted).str()));
  }
  if (y_true.dtype() != DType::Int32 && y_true.dtype() != DType::Int64)
    y_true = ops::cast(y_true, DType::Int64);
  return {y_true, y_pred};
}

Value align_weights(const std::string& name, Value weights, Value values, const char* what) {
  if (weights.dtype() != values.dtype()) weights = ops::cast(weights, values.dtype());
  if (weights.rank() == values.rank() + 1 && weights.dim(-1) == 1)
    weights = ops::squeeze(weights, -1);
  if (weights.rank() > 0 && values.rank() > 0) {
    while (weights.rank() < values.rank()) weights = ops::expand_dims(weights, -1);
  }
  // A value of the whole batch (Dice's) is weighed by each of its samples.
  bool fits = weights.rank() == 0 || values.rank() == 0 || weights.rank() == values.rank();
  for (int axis = 0; fits && values.rank() > 0 && axis < weights.rank(); ++axis) {
    fits = weights.dim(axis) == values.dim(axis) || weights.dim(axis) == 1;
  }
  if (!fits) {
    throw ShapeError(
        fmt::format("{}: {} of shape {} do not fit values of shape {}; give one a sample", name,
                    what, weights.shape().str(), values.shape().str()));
  }
  return weights;
}

}  // namespace sinew
