"""Keras's keras.activations: functions of Values, of a model's tensors and of arrays."""

from __future__ import annotations

from typing import Any, Callable

from sinew.keras._generated import activations as _generated
from sinew.keras._generated.activations import *  # noqa: F403
from sinew.keras._names import nearest


def get(identifier: Any) -> Callable[[Any], Any]:
    if identifier is None:
        return _generated.linear
    if callable(identifier):
        return identifier
    if identifier in _generated.__all__:
        return getattr(_generated, identifier)
    raise ValueError(f"unknown activation {nearest(identifier, _generated.__all__)}")


def serialize(activation: Callable[[Any], Any]) -> str:
    return getattr(activation, "_sinew_name", activation.__name__)
