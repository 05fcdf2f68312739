#pragma once

#include <vector>

#include "sinew/graph/graph.h"

/// Reductions over axes; an empty list means all of them. Negative axes count from the end. With
/// `keepdims` reduced axes stay with extent 1. Sums add in an order that does not depend on the
/// number of threads.
namespace sinew::ops {

Value sum(Value x, std::vector<int> axes = {}, bool keepdims = false);
Value mean(Value x, std::vector<int> axes = {}, bool keepdims = false);
/// Biased (divides by the count), as Keras's ops.var.
Value variance(Value x, std::vector<int> axes = {}, bool keepdims = false);
/// The gradient of max and min is shared equally among equal extremes.
Value max(Value x, std::vector<int> axes = {}, bool keepdims = false);
Value min(Value x, std::vector<int> axes = {}, bool keepdims = false);
/// Index (Int64) of the largest element along one axis, the first of equals; the axis disappears.
Value argmax(Value x, int axis = -1);
/// Sums x down to `shape`, to which it must be broadcastable back: the gradient of broadcasting.
Value sum_to(Value x, const Shape& shape);

}  // namespace sinew::ops
