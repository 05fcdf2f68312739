"""Keras's keras.initializers."""

from __future__ import annotations

from typing import Any

from sinew.keras._get import lookup
from sinew.keras._generated import initializers as _generated
from sinew.keras._generated.initializers import *  # noqa: F403
from sinew.keras._initializer import Initializer as Initializer


def get(identifier: Any) -> Any:
    """An object from a name, a config or a class; functions and None are passed through."""
    return lookup(identifier, "initializer", _generated)


def serialize(initializer: Initializer) -> dict[str, Any]:
    return {"class_name": type(initializer).__name__, "config": initializer.get_config()}


def deserialize(config: dict[str, Any]) -> Any:
    return get(config)
