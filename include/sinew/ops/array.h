#pragma once

#include <cstdint>
#include <vector>

#include "sinew/graph/graph.h"

/// Ops that move elements: shape, order, selection.
namespace sinew::ops {

/// The same elements with another shape; one extent may be -1. A view: costs nothing.
Value reshape(Value x, Shape shape);
/// Axes reordered; empty reverses them.
Value transpose(Value x, std::vector<int> permutation = {});
Value expand_dims(Value x, int axis);
/// Removes an axis of extent 1.
Value squeeze(Value x, int axis);
Value broadcast_to(Value x, const Shape& shape);
/// Joins along an axis; other extents and dtypes agree.
Value concatenate(std::vector<Value> values, int axis = -1);
/// Joins along a new axis.
Value stack(std::vector<Value> values, int axis = 0);
/// Elements [begin, end) of one axis, by step > 0; negative bounds count from the end.
Value slice(Value x, int axis, std::int64_t begin, std::int64_t end, std::int64_t step = 1);
/// One index of one axis, which disappears.
Value select(Value x, int axis, std::int64_t index);
/// Constant padding: `before` and `after` have one entry an axis, >= 0.
Value pad(Value x, std::vector<std::int64_t> before, std::vector<std::int64_t> after,
          double value = 0.0);
/// The order along the axes turned round.
Value reverse(Value x, std::vector<int> axes);
/// Rows of `table` (V, …) by integer `indices`: shape indices.shape + table.shape[1:]. An index
/// outside [0, V) throws ValueError when the step runs, before anything is updated.
Value gather(Value table, Value indices);
/// The gradient of gather: rows of `updates` added into zeros of shape (rows, …) at `indices`.
Value scatter_add(Value indices, Value updates, std::int64_t rows);
/// 1 at `indices` along a new last axis of extent `depth`, 0 elsewhere.
Value one_hot(Value indices, std::int64_t depth, DType dtype = DType::Float32);

/// Constants in a graph.
Value zeros(Graph& graph, const Shape& shape, DType dtype = DType::Float32);
Value ones(Graph& graph, const Shape& shape, DType dtype = DType::Float32);
Value full(Graph& graph, const Shape& shape, double value, DType dtype = DType::Float32);
/// 0, 1, …, count - 1.
Value arange(Graph& graph, std::int64_t count, DType dtype = DType::Int64);
Value zeros_like(Value x);
Value ones_like(Value x);

}  // namespace sinew::ops
