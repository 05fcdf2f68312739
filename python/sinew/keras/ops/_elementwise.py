"""Element by element, broadcast as in NumPy."""

from __future__ import annotations

import math
from typing import Any, Callable

import numpy as np

from sinew import _core
from sinew.keras.ops._dispatch import floating, graph_function, promote, value

_ops = _core.ops


def _unary(name: str, on_floats: bool = True) -> Callable[[Any], Any]:
    take = floating if on_floats else value
    compute = getattr(_ops, name)

    def function(x: Any) -> Any:
        return compute(take(x))

    function.__name__ = function.__qualname__ = name
    return graph_function(function)


def _binary(name: str, compute: Callable[[Any, Any], Any] | None = None) -> Callable[[Any, Any], Any]:
    compute = compute or getattr(_ops, name)

    def function(x1: Any, x2: Any) -> Any:
        return compute(*promote(x1, x2))

    function.__name__ = function.__qualname__ = name
    return graph_function(function)


def _logical(name: str) -> Callable[[Any, Any], Any]:
    compute = getattr(_ops, name)

    def function(x1: Any, x2: Any) -> Any:
        return compute(_truth(x1), _truth(x2))

    function.__name__ = function.__qualname__ = name
    return graph_function(function)


def _truth(x: Any) -> _core.Value:
    x = value(np.asarray(x) if isinstance(x, bool) else x)
    return x if x.dtype == "bool" else _ops.not_equal(x, _ops.zeros_like(x))


add = _binary("add")
subtract = _binary("subtract")
multiply = _binary("multiply")
maximum = _binary("maximum")
minimum = _binary("minimum")
equal = _binary("equal")
not_equal = _binary("not_equal")
less = _binary("less")
less_equal = _binary("less_equal")
greater = _binary("greater")
greater_equal = _binary("greater_equal")
power = _binary("power")
logical_and = _logical("logical_and")
logical_or = _logical("logical_or")

negative = _unary("negative", on_floats=False)
absolute = _unary("absolute", on_floats=False)
sign = _unary("sign", on_floats=False)
square = _unary("square", on_floats=False)
zeros_like = _unary("zeros_like", on_floats=False)
ones_like = _unary("ones_like", on_floats=False)
stop_gradient = _unary("stop_gradient", on_floats=False)
floor = _unary("floor")
ceil = _unary("ceil")
exp = _unary("exp")
expm1 = _unary("expm1")
log = _unary("log")
log1p = _unary("log1p")
sqrt = _unary("sqrt")
rsqrt = _unary("rsqrt")
reciprocal = _unary("reciprocal")
sin = _unary("sin")
cos = _unary("cos")
erf = _unary("erf")
isfinite = _unary("isfinite")


@graph_function
def divide(x1: Any, x2: Any) -> Any:
    a, b = promote(x1, x2)
    return _ops.divide(floating(a), floating(b))


@graph_function
def divide_no_nan(x1: Any, x2: Any) -> Any:
    """x1 / x2, and 0 where x2 is 0."""
    a, b = promote(x1, x2)
    a, b = floating(a), floating(b)
    none = _ops.equal(b, _ops.zeros_like(b))
    return where(none, 0.0, _ops.divide(a, _ops.where(none, _ops.ones_like(b), b)))


@graph_function
def floor_divide(x1: Any, x2: Any) -> Any:
    return _ops.floor(divide(x1, x2))


@graph_function
def mod(x1: Any, x2: Any) -> Any:
    a, b = promote(x1, x2)
    return _ops.subtract(a, _ops.multiply(floor_divide(a, b), b))


@graph_function
def tan(x: Any) -> Any:
    return divide(sin(x), cos(x))


@graph_function
def log2(x: Any) -> Any:
    return multiply(log(x), 1.0 / math.log(2.0))


@graph_function
def log10(x: Any) -> Any:
    return multiply(log(x), 1.0 / math.log(10.0))


@graph_function
def round(x: Any, decimals: int = 0) -> Any:
    if decimals == 0:
        return _ops.round(floating(x))
    return divide(_ops.round(multiply(floating(x), 10.0**decimals)), 10.0**decimals)


@graph_function
def clip(x: Any, x_min: Any, x_max: Any) -> Any:
    return minimum(maximum(x, x_min), x_max)


@graph_function
def isnan(x: Any) -> Any:
    x = floating(x)
    return _ops.logical_not(_ops.logical_or(_ops.isfinite(x), isinf(x)))


@graph_function
def isinf(x: Any) -> Any:
    return equal(_ops.absolute(floating(x)), math.inf)


@graph_function
def logical_not(x: Any) -> Any:
    return _ops.logical_not(_truth(x))


@graph_function
def where(condition: Any, x1: Any, x2: Any) -> Any:
    a, b = promote(x1, x2)
    return _ops.where(_truth(condition), a, b)


@graph_function
def cast(x: Any, dtype: Any) -> Any:
    return _ops.cast(value(x), dtype if dtype == "bfloat16" else str(np.dtype(dtype)))


@graph_function
def convert_to_tensor(x: Any, dtype: Any = None) -> Any:
    return value(x) if dtype is None else cast(x, dtype)


def convert_to_numpy(x: Any) -> np.ndarray:
    """Of arrays and variables; a symbolic Value has no numbers yet."""
    if isinstance(x, (_core.Value, _core.KerasTensor)):
        raise ValueError("a symbolic tensor has no numbers before its model runs")
    return np.asarray(x)


abs = absolute  # noqa: A001
true_divide = divide
pow = power  # noqa: A001

__all__ = [
    "abs", "absolute", "add", "cast", "ceil", "clip", "convert_to_numpy", "convert_to_tensor", "cos",
    "divide", "divide_no_nan", "equal", "erf", "exp", "expm1", "floor", "floor_divide", "greater",
    "greater_equal", "isfinite", "isinf", "isnan", "less", "less_equal", "log", "log10", "log1p",
    "log2", "logical_and", "logical_not", "logical_or", "maximum", "minimum", "mod", "multiply",
    "negative", "not_equal", "ones_like", "pow", "power", "reciprocal", "round", "rsqrt", "sign",
    "sin", "sqrt", "square", "stop_gradient", "subtract", "tan", "true_divide", "where",
    "zeros_like",
]
