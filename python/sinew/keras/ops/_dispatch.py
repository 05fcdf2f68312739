"""How a function of Values takes what users give: in a call that is being recorded it appends to the
program, on a model's tensors it becomes a layer, and on arrays a program of its own runs at once."""

from __future__ import annotations

import functools
from typing import Any, Callable, TypeVar

import numpy as np

from sinew import _core
from sinew._arrays import as_array
from sinew.keras._variable import Variable

Function = TypeVar("Function", bound=Callable[..., Any])
_ORDER = ["bool", "uint8", "int32", "int64", "bfloat16", "float32", "float64"]


def value(x: Any, like: _core.Value | None = None) -> _core.Value:
    """Anything as a Value of the present program; a number as one of `like`'s dtype."""
    if isinstance(x, _core.Value):
        return x
    if isinstance(x, Variable):
        return x._handle.read()
    if isinstance(x, (bool, int, float)) and like is not None:
        whole = isinstance(x, (bool, int)) or float(x).is_integer()
        if "float" in like.dtype or whole:
            return _core.ops.scalar_like(like, float(x))
    if isinstance(x, (list, tuple)) and any(map(is_symbolic, x)):
        return _core.ops.stack([value(item) for item in x], 0)
    if isinstance(x, float):
        return _core.constant(np.asarray(x, "float32"))
    return _core.constant(as_array(x, "the operand", "float32" if _is_weak(x) else None))


def _is_weak(x: Any) -> bool:
    """Python's numbers have no dtype of their own."""
    return not hasattr(x, "dtype")


def promote(a: Any, b: Any) -> tuple[_core.Value, _core.Value]:
    """Two operands as Values of one dtype, the wider one."""
    if isinstance(a, (int, float)) and not isinstance(b, (int, float)):
        b = value(b)
        a = value(a, b)
    else:
        a = value(a)
        b = value(b, a)
    if a.dtype == b.dtype:
        return a, b
    wider = max(a.dtype, b.dtype, key=_ORDER.index)
    return _core.ops.cast(a, wider), _core.ops.cast(b, wider)


def floating(x: Any) -> _core.Value:
    x = value(x)
    return x if "float" in x.dtype else _core.ops.cast(x, "float32")


def is_symbolic(x: Any) -> bool:
    return isinstance(x, (_core.Value, _core.KerasTensor, Variable))


def _walk(x: Any, visit: Callable[[Any], Any]) -> Any:
    """`visit` on every item of nested lists."""
    if isinstance(x, (list, tuple)):
        return type(x)(_walk(item, visit) for item in x) if not hasattr(x, "_fields") else x
    return visit(x)


def _contains(arguments: Any, kind: type) -> bool:
    if isinstance(arguments, (list, tuple)):
        return any(_contains(item, kind) for item in arguments)
    return isinstance(arguments, kind)


def _flat(result: Any) -> list[_core.Value]:
    return list(result) if isinstance(result, (list, tuple)) else [result]


def _on_arrays(function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    scratch = _core.Scratch()
    with scratch:
        result = function(*args, **kwargs)
        if not _contains(result, _core.Value):
            return result
        arrays = scratch.run(_flat(result))
    return type(result)(arrays) if isinstance(result, (list, tuple)) else arrays[0]


def _on_model_tensors(function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    tensors: list[_core.KerasTensor] = []
    single = True

    def collect(x: Any) -> Any:
        if isinstance(x, _core.KerasTensor):
            tensors.append(x)
        return x

    _walk((args, tuple(kwargs.values())), collect)

    def run(values: list[_core.Value]) -> list[_core.Value]:
        nonlocal single
        rest = iter(values)

        def place(x: Any) -> Any:
            return next(rest) if isinstance(x, _core.KerasTensor) else x

        placed = _walk(tuple(args), place)
        result = function(*placed, **{name: _walk(x, place) for name, x in kwargs.items()})
        single = not isinstance(result, (list, tuple))
        return _flat(result)

    name = _core.unique_name(function.__name__.strip("_"))
    outputs = _core.lambda_layer(run, name).call_tensors(tensors)
    return outputs[0] if single else outputs


def graph_function(function: Function) -> Function:
    """A function written in Values, for everything."""

    @functools.wraps(function)
    def dispatch(*args: Any, **kwargs: Any) -> Any:
        everything = (args, tuple(kwargs.values()))
        if _contains(everything, _core.KerasTensor):
            return _on_model_tensors(function, args, kwargs)
        if _core.in_trace():
            return function(*args, **kwargs)
        return _on_arrays(function, args, kwargs)

    return dispatch  # type: ignore[return-value]
