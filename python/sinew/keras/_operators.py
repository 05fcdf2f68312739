"""Arithmetic, comparison and indexing of Values, of a model's tensors and of variables."""

from __future__ import annotations

from typing import Any, Callable

from sinew import _core
from sinew.keras import ops
from sinew.keras._variable import Variable

_BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "add": ops.add,
    "sub": ops.subtract,
    "mul": ops.multiply,
    "truediv": ops.divide,
    "floordiv": ops.floor_divide,
    "mod": ops.mod,
    "pow": ops.power,
    "matmul": ops.matmul,
    "and": ops.logical_and,
    "or": ops.logical_or,
}
_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "lt": ops.less,
    "le": ops.less_equal,
    "gt": ops.greater,
    "ge": ops.greater_equal,
}


def _method(function: Callable[..., Any], turned: bool = False) -> Callable[[Any, Any], Any]:
    if turned:
        return lambda self, other: function(other, self)
    return lambda self, other: function(self, other)


def _no_truth(self: Any) -> bool:
    raise TypeError(
        "a symbolic tensor is neither true nor false while a program is built: use ops.where()"
    )


def _no_iteration(self: Any) -> Any:
    raise TypeError("a symbolic tensor cannot be iterated over: index it, or use ops.split()")


def _representation(self: Any) -> str:
    return f"<{type(self).__name__} shape={self.shape}, dtype={self.dtype}>"


def install(kind: Any) -> None:
    for name, function in _BINARY.items():
        setattr(kind, f"__{name}__", _method(function))
        setattr(kind, f"__r{name}__", _method(function, turned=True))
    for name, function in _COMPARISONS.items():
        setattr(kind, f"__{name}__", _method(function))
    kind.__neg__ = lambda self: ops.negative(self)
    kind.__abs__ = lambda self: ops.absolute(self)
    kind.__invert__ = lambda self: ops.logical_not(self)
    kind.__getitem__ = lambda self, key: ops.get_item(self, key)
    # NumPy's arrays leave operators with these on their right to the methods above.
    kind.__array_priority__ = 1000


def install_symbolic(kind: Any) -> None:
    install(kind)
    kind.__eq__ = lambda self, other: ops.equal(self, other)
    kind.__ne__ = lambda self, other: ops.not_equal(self, other)
    kind.__hash__ = lambda self: id(self)
    kind.__bool__ = _no_truth
    kind.__iter__ = _no_iteration
    kind.__repr__ = _representation
    kind.__array_ufunc__ = None


install_symbolic(_core.Value)
install_symbolic(_core.KerasTensor)
install(Variable)
