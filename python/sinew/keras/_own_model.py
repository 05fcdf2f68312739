"""Models whose call is written in Python: one layer to the library, made of the model's layers."""

from __future__ import annotations

from typing import Any

import numpy as np

from sinew import _core
from sinew.keras._layer import Layer, layers_in
from sinew.keras._structure import flatten


class Body(Layer):
    """The call of a model, as a layer."""

    def __init__(self, model: Any, name: str | None) -> None:
        super().__init__(name=name)
        object.__setattr__(self, "call", model.call)

    def take(self, name: str, value: Any) -> None:
        """An attribute of the model's: its layers are the body's."""
        for index, layer in enumerate(found := layers_in(value)):
            self._track(layer, name if found[0] is value else f"{name}_{index}")


class OwnModel:
    """What Model does when it is derived from and given no inputs: the library's model is made when
    the first data shows their shapes."""

    _body: Body | None = None
    _pending: dict[str, Any] | None = None

    def _begin(self, name: str | None) -> None:
        object.__setattr__(self, "_body", Body(self, name or _core.unique_name(_snake(type(self).__name__))))

    def __setattr__(self, name: str, value: Any) -> None:
        if self._body is not None and not name.startswith("_"):
            self._body.take(name, value)
        object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        if name == "_handle":
            raise ValueError(
                f"model {type(self).__name__} is not built: give it data, or call build(input_shape)"
            )
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @property
    def _waits(self) -> bool:
        return "_handle" not in self.__dict__

    def _make(self, shapes: list[tuple[int | None, ...]], dtypes: list[str]) -> None:
        assert self._body is not None
        inputs = [_core.Input(shape, dtype, "") for shape, dtype in zip(shapes, dtypes)]
        outputs = self._body(inputs[0] if len(inputs) == 1 else inputs)
        handle = _core.Model(inputs, flatten(outputs), self._body.name + "_model")
        object.__setattr__(self, "_handle", handle)
        if self._pending is not None:
            self.compile(**self._pending)  # type: ignore[attr-defined]

    def _make_for(self, arrays: list[np.ndarray]) -> None:
        if self._waits:
            self._make([a.shape[1:] for a in arrays], [str(a.dtype) for a in arrays])

    def build(self, input_shape: Any) -> None:
        """For inputs of these shapes, which begin with the batch's extent."""
        if self._waits:
            shapes = [input_shape] if input_shape and not _nested(input_shape) else list(input_shape)
            self._make([tuple(shape)[1:] for shape in shapes], ["float32"] * len(shapes))


def _nested(shape: Any) -> bool:
    return isinstance(shape[0], (tuple, list))


def _snake(name: str) -> str:
    return "".join(("_" if i and c.isupper() else "") + c.lower() for i, c in enumerate(name))
