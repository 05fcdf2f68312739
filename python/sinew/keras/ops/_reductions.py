"""Sums, means, extremes and products over axes."""

from __future__ import annotations

from typing import Any

from sinew import _core
from sinew.keras.ops._arrangement import reshape
from sinew.keras.ops._dispatch import floating, graph_function, promote, value
from sinew.keras.ops._elementwise import _truth, cast, divide, exp, log, maximum, sqrt, square

_ops = _core.ops


def _axes(axis: Any) -> list[int]:
    """None and () both mean all axes to those who give them."""
    if axis is None:
        return []
    return [axis] if isinstance(axis, int) else list(axis)


@graph_function
def sum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:  # noqa: A001
    x = value(x)
    if x.dtype == "bool":
        x = _ops.cast(x, "int32")
    if "float" in x.dtype:
        return _ops.sum(x, _axes(axis), keepdims)
    # Whole numbers are added as float64, exactly up to 2^53.
    return _ops.cast(_ops.sum(_ops.cast(x, "float64"), _axes(axis), keepdims), x.dtype)


@graph_function
def mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return _ops.mean(floating(x), _axes(axis), keepdims)


@graph_function
def var(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return _ops.var(floating(x), _axes(axis), keepdims)


@graph_function
def std(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return sqrt(var(x, axis, keepdims))


@graph_function
def max(x: Any, axis: Any = None, keepdims: bool = False) -> Any:  # noqa: A001
    return _ops.max(floating(x), _axes(axis), keepdims)


@graph_function
def min(x: Any, axis: Any = None, keepdims: bool = False) -> Any:  # noqa: A001
    return _ops.min(floating(x), _axes(axis), keepdims)


@graph_function
def any(x: Any, axis: Any = None, keepdims: bool = False) -> Any:  # noqa: A001
    return cast(max(cast(_truth(x), "float32"), axis, keepdims), "bool")


@graph_function
def all(x: Any, axis: Any = None, keepdims: bool = False) -> Any:  # noqa: A001
    return cast(min(cast(_truth(x), "float32"), axis, keepdims), "bool")


@graph_function
def argmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    x = floating(x)
    if axis is None:
        return _ops.argmax(reshape(x, (-1,)), 0)
    found = _ops.argmax(x, axis)
    return _ops.expand_dims(found, axis) if keepdims else found


@graph_function
def argmin(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    return argmax(_ops.negative(floating(x)), axis, keepdims)


@graph_function
def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    x = floating(x)
    if isinstance(axis, int) and not keepdims:
        return _ops.logsumexp(x, axis)
    top = _ops.stop_gradient(max(x, axis, True))
    result = log(sum(exp(_ops.subtract(x, top)), axis, True)) + top
    return result if keepdims else reshape(result, sum(x, axis).shape)


@graph_function
def matmul(x1: Any, x2: Any) -> Any:
    a, b = promote(x1, x2)
    a, b = floating(a), floating(b)
    left, right = a.ndim == 1, b.ndim == 1
    a = _ops.expand_dims(a, 0) if left else a
    b = _ops.expand_dims(b, 1) if right else b
    product = _ops.matmul(a, b)
    if right:
        product = _ops.squeeze(product, -1)
    return _ops.squeeze(product, -1 if right else -2) if left else product


@graph_function
def dot(x1: Any, x2: Any) -> Any:
    a, b = promote(x1, x2)
    if a.ndim == 0 or b.ndim == 0:
        return _ops.multiply(a, b)
    if b.ndim > 2:
        raise ValueError("dot() takes a second operand of two axes at most; use einsum()")
    return matmul(a, b)


@graph_function
def einsum(equation: str, x1: Any, x2: Any) -> Any:
    a, b = promote(x1, x2)
    return _ops.einsum(equation, floating(a), floating(b))


@graph_function
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:  # noqa: A002
    """Euclid's norm."""
    if ord not in (None, 2):
        raise ValueError(f"norm() knows ord None and 2, not {ord!r}")
    return sqrt(sum(square(floating(x)), axis, keepdims))


@graph_function
def normalize(x: Any, axis: Any = -1, order: int = 2, epsilon: float = 1e-12) -> Any:
    length = sqrt(sum(square(floating(x)), axis, True))
    return divide(x, maximum(length, epsilon))


__all__ = [
    "all", "any", "argmax", "argmin", "dot", "einsum", "logsumexp", "matmul", "max", "mean", "min",
    "norm", "normalize", "std", "sum", "var",
]
