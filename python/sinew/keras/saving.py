"""Keras's keras.saving: models from and to files, and classes of one's own in them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Callable, TypeVar

from sinew import _core
from sinew.keras import optimizers
from sinew.keras._configured import register_function
from sinew.keras._layer import Layer
from sinew.keras._model import Model, _path

Kind = TypeVar("Kind")
_objects: dict[str, Any] = {}


def _register(name: str, thing: Any) -> None:
    _objects[name] = thing
    if isinstance(thing, type) and issubclass(thing, Layer):
        _core.register_layer(name, thing)
    elif callable(thing) and not isinstance(thing, type):
        register_function("activation", thing)


def register_keras_serializable(
    package: str = "Custom", name: str | None = None
) -> Callable[[Kind], Kind]:
    """Makes a layer's class or a function known to load_model() by its name."""

    def decorate(thing: Kind) -> Kind:
        _register(name or thing.__name__, thing)  # type: ignore[attr-defined]
        return thing

    return decorate


def get_custom_objects() -> dict[str, Any]:
    return _objects


@contextmanager
def custom_object_scope(custom_objects: dict[str, Any]) -> Iterator[None]:
    for name, thing in custom_objects.items():
        _register(name, thing)
    yield


def load_model(filepath: Any, custom_objects: dict[str, Any] | None = None, compile: bool = True, **unused: Any) -> Model:
    """What save() wrote; nothing in a file is executed. Classes of one's own that it holds must be
    registered, or given as `custom_objects`."""
    for name, thing in (custom_objects or {}).items():
        _register(name, thing)
    return _compiled(Model._of(_core.load_model(_path(filepath))))


def _compiled(model: Model) -> Model:
    if model.compiled:
        model._optimizer = optimizers.Optimizer._of(model._handle.optimizer)
    return model


def save_model(model: Model, filepath: Any, overwrite: bool = True, **unused: Any) -> None:
    model.save(filepath, overwrite)


def model_from_json(json_string: str, custom_objects: dict[str, Any] | None = None) -> Model:
    for name, thing in (custom_objects or {}).items():
        _register(name, thing)
    return _compiled(Model._of(_core.model_from_json(json_string)))


def clone_model(model: Model) -> Model:
    """The same layers with weights of their own, drawn anew."""
    return model_from_json(model.to_json())
