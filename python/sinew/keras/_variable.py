"""Weights and the state of metrics, as Python sees them."""

from __future__ import annotations

from typing import Any

import numpy as np

from sinew import _core
from sinew._arrays import as_array


class Variable:
    """A tensor that lives between steps. In a call that is being recorded it stands for the value it
    has at that point of the program; elsewhere for its present numbers."""

    __slots__ = ("_handle", "__weakref__")

    def __init__(
        self,
        initializer: Any,
        shape: Any = None,
        dtype: Any = None,
        trainable: bool = True,
        name: str | None = None,
        **unused: Any,
    ) -> None:
        dtype = str(np.dtype(dtype or "float32"))
        if callable(initializer):
            initializer = initializer(tuple(shape), dtype=dtype)
        elif isinstance(initializer, str):
            initializer = _core.draw(initializer, tuple(shape), dtype)
        initial = as_array(initializer).astype(dtype)
        self._handle = _core.Variable(name or _core.unique_name("variable"), initial, trainable)

    @classmethod
    def _of(cls, handle: _core.Variable) -> Variable:
        variable = cls.__new__(cls)
        variable._handle = handle
        return variable

    @property
    def name(self) -> str:
        return self._handle.name.rsplit("/", 1)[-1]

    @property
    def path(self) -> str:
        return self._handle.name

    @property
    def shape(self) -> tuple[int, ...]:
        return self._handle.shape

    @property
    def dtype(self) -> str:
        return self._handle.dtype

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def trainable(self) -> bool:
        return self._handle.trainable

    @property
    def value(self) -> Any:
        return self._handle.read() if _core.in_trace() else self.numpy()

    def numpy(self) -> np.ndarray:
        return self._handle.numpy()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        if _core.in_trace():
            raise TypeError(
                f"variable {self.path!r} is a symbol while a program is recorded: use keras.ops, not NumPy"
            )
        array = self.numpy()
        return array if dtype is None else array.astype(dtype)

    def __float__(self) -> float:
        return float(self.numpy())

    def __int__(self) -> int:
        return int(self.numpy())

    def assign(self, value: Any) -> Variable:
        """Now, or where a call is being recorded, in every step of the program."""
        if _core.in_trace():
            from sinew.keras.ops._dispatch import value as as_value

            self._handle.assign_value(as_value(value, self._handle.read()))
        else:
            self._handle.assign(np.broadcast_to(as_array(value), self.shape).copy())
        return self

    def assign_add(self, value: Any) -> Variable:
        return self.assign(self + value)

    def assign_sub(self, value: Any) -> Variable:
        return self.assign(self - value)

    def __eq__(self, other: object) -> Any:
        if isinstance(other, Variable) and self._handle.address == other._handle.address:
            return True
        if not _core.in_trace() and not isinstance(other, (np.ndarray, float, int)):
            return False
        from sinew.keras import ops

        return ops.equal(self, other)

    def __hash__(self) -> int:
        return hash(self._handle.address)

    def __repr__(self) -> str:
        return f"<Variable path={self.path}, shape={self.shape}, dtype={self.dtype}, value={self.numpy()}>"


class Weighted:
    """What layers and models tell of their weights."""

    _handle: Any

    @property
    def weights(self) -> list[Variable]:
        return [Variable._of(handle) for handle in self._handle.weights]

    variables = weights

    @property
    def trainable_weights(self) -> list[Variable]:
        return [Variable._of(handle) for handle in self._handle.trainable_weights]

    trainable_variables = trainable_weights

    @property
    def non_trainable_weights(self) -> list[Variable]:
        return [weight for weight in self.weights if not weight.trainable]
