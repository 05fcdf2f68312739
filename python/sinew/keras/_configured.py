"""From Python's arguments to the configs that the library makes its objects of."""

from __future__ import annotations

from typing import Any, Callable

import numpy as np

from sinew import _core


class Configured:
    """An object that is its class name and its arguments: initializers, losses, schedules, … One
    whose class has no `_class_name` is of the user's: a function to the library."""

    _class_name: str = ""
    _kinds: dict[str, str] = {}
    _config: dict[str, Any] = {}
    #: Arguments for which None is a choice of its own, not the default.
    _none_matters: tuple[str, ...] = ()

    def _configure(self, **config: Any) -> None:
        self._config = config

    def get_config(self) -> dict[str, Any]:
        return dict(self._config)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(**config)

    def _plain_config(self) -> dict[str, Any]:
        return plain_config(with_nones(self._config, self._none_matters, "none"))

    def _identifier(self) -> str:
        return _core.identifier(self._class_name, self._plain_config())

    def __repr__(self) -> str:
        arguments = ", ".join(f"{name}={value!r}" for name, value in self._config.items())
        return f"{type(self).__name__}({arguments})"

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._config == other._config  # type: ignore[attr-defined]

    __hash__ = object.__hash__


_registered: dict[tuple[str, str], Any] = {}


def register_function(kind: str, function: Callable[..., Any]) -> str:
    """The name under which the library knows the function; the same name for the same function."""
    plain = getattr(function, "__name__", type(function).__name__)
    base = "".join(letter if letter.isalnum() else "_" for letter in plain).strip("_") or "function"
    name, count = base, 0
    while _registered.get((kind, name), function) is not function:
        count += 1
        name = f"{base}_{count}"
    if (kind, name) not in _registered:
        _registered[kind, name] = function
        _REGISTER[kind](name, _ADAPT.get(kind, lambda given: given)(function))
    return name


def _initializer(function: Callable[..., Any]) -> Callable[[tuple[int, ...], str], np.ndarray]:
    def fill(shape: tuple[int, ...], dtype: str) -> np.ndarray:
        return np.ascontiguousarray(function(shape, dtype=dtype), dtype=np.dtype(dtype))

    return fill


_REGISTER = {
    "activation": _core.register_activation,
    "initializer": _core.register_initializer,
    "regularizer": _core.register_regularizer,
    "constraint": _core.register_constraint,
}
_ADAPT = {"initializer": _initializer}


def plain(value: Any, kind: str = "other") -> Any:
    """A value as configs hold it: objects by their identifiers, functions by registered names."""
    if hasattr(value, "_identifier") and value._class_name:
        return value._identifier()
    if kind in ("layer", "layers"):
        return _layer_identifiers(value)
    if isinstance(value, dict) and "class_name" in value:
        return _core.identifier(value["class_name"], plain_config(value.get("config") or {}))
    if isinstance(value, (list, tuple)) and any(isinstance(one, dict) for one in value):
        return [plain(one, kind) for one in value]
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    if isinstance(value, type) and issubclass(value, np.generic) or isinstance(value, np.dtype):
        return np.dtype(value).name
    if isinstance(value, type):
        return plain(value(), kind)
    if callable(value):
        name = getattr(value, "_sinew_name", None)
        if name is not None:
            return name
        if kind not in _REGISTER:
            raise TypeError(f"a function ({value!r}) is not allowed here")
        return register_function(kind, value)
    return value


def _layer_identifiers(value: Any) -> Any:
    """A layer within another by its class and config: the library makes its own of it."""
    if isinstance(value, (list, tuple)):
        return [_layer_identifiers(one) for one in value]
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, dict):
        return _core.identifier(value["class_name"], plain_config(value["config"]))
    if value.weights:
        raise ValueError(f"layer {value.name!r} has weights already: give one that is new")
    return _core.identifier(value._handle.class_name, value._handle.arguments)


def with_nones(config: dict[str, Any], names: tuple[str, ...], word: str) -> dict[str, Any]:
    """The config with None spelt as a choice where it is one: the library takes what is absent, and
    so None, for the default."""
    return {name: word if value is None and name in names else value for name, value in config.items()}


def plain_config(config: dict[str, Any], kinds: dict[str, str] | None = None) -> dict[str, Any]:
    kinds = kinds or {}
    return {name: plain(value, kinds.get(name, "other")) for name, value in config.items()}
